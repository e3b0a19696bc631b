import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scheduleIdOf, workflowIdOf } from '../../core/markers.ts';
import type { PushResult } from '../../workflows/receive-push.ts';
import type { GitServer } from '../sources/support/repository.ts';
import { commitAll, makeRepository, serveRepositories } from '../sources/support/repository.ts';
import type { ToldPush } from '../support/webhook-bodies.ts';
import { gitHubBody, gitHubHeaders, WEBHOOK_SECRETS } from '../support/webhook-bodies.ts';
import type { RunningServer } from './support/api.ts';
import { startServer } from './support/api.ts';
import { creations } from './support/audit.ts';
import { configMap, job, yamlOf } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { Application, World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;
let server: RunningServer;
let repositories: GitServer;
let root: string;

beforeAll(async () => {
  world = await sharedWorld();
  root = await world.folder({ secret: WEBHOOK_SECRETS.github });
  await writeFile(join(root, 'webhooks.yaml'), `github: [{secret: 'file:${root}/secret'}]`);
  repositories = await serveRepositories(root);
  server = await startServer(world, '--webhooks', join(root, 'webhooks.yaml'));
});

afterAll(async () => {
  await server.stop();
  repositories.close();
  await world.stop();
});

/** Commits files to the repository of an application and pushes them; the commit. */
async function push(app: Application, files: Readonly<Record<string, string>>): Promise<string> {
  const work = join(root, app.name, 'work');
  await mkdir(join(work, 'deploy'), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(work, 'deploy', file), text);
  return commitAll(work, 'Change it');
}

interface Heard {
  readonly status: number;
  readonly result?: string;
  readonly workflowId?: string;
}

/** Tells the server of a push to the repository of an application as GitHub does. */
async function tell({ name }: Application, told: ToldPush, secret: string = WEBHOOK_SECRETS.github): Promise<Heard> {
  const body = JSON.stringify(gitHubBody({ repository: `${repositories.address}/${name}/repo`, ...told }));
  const headers = gitHubHeaders(body, 'push', secret);
  const answer = await fetch(`${server.url}/v1/webhooks/github`, { method: 'POST', body, headers });
  return { status: answer.status, ...((await answer.json()) as object) };
}

/** What became of a push. */
async function resultOf({ workflowId = '' }: Heard): Promise<PushResult> {
  return (await world.histories.client.workflow.getHandle(workflowId).result()) as PushResult;
}

/** Makes a repository for an application and keeps it. */
async function keep(app: Application, ...flags: readonly string[]): Promise<void> {
  await mkdir(join(root, app.name));
  await makeRepository(join(root, app.name));
  const source = `git+${repositories.address}/${app.name}/repo.git//deploy`;
  const kept = await world.cli(['app', 'set', app.name, source, '--ref', 'main', '-n', app.name, ...flags]);
  expect(kept).toMatchObject({ code: 0 });
}

const AT = { cluster: 'default' } as const;

const manifests = (value: string): string =>
  yamlOf(job('migrate', { hook: 'PreSync' }), configMap('settings', {}, { value }));

describe.concurrent('a push that a webhook tells of', () => {
  test('is rendered by a worker at its own commit and synced once, in the name of who has pushed', async () => {
    const app = await world.application('pushed');
    await keep(app, '--on-push', '--on-push-path', 'deploy/*');
    const commit = await push(app, { 'app.yaml': manifests('one') });
    const later = await push(app, { 'app.yaml': manifests('two') });

    expect(await tell(app, { commit }, 'another-secret-than-theirs')).toMatchObject({ status: 401 });
    const changed = ['deploy/app.yaml'];
    const heard = await tell(app, { commit, changed });
    expect(heard).toMatchObject({ status: 200, result: 'accepted' });
    const { triggered } = await resultOf(heard);
    expect(triggered).toMatchObject([{ application: 'pushed', outcome: { kind: 'asked', revision: commit } }]);
    const { outcome } = triggered[0]!;
    const syncId = outcome.kind === 'asked' ? outcome.syncId : '';
    const synced = await world.client.handle(app.name, { cluster: 'default', syncId }).result();
    expect(synced).toMatchObject({ outcome: 'Succeeded', revision: commit, requestedBy: 'github:alice' });
    expect(await app.get('ConfigMap', 'settings')).toMatchObject({ data: { value: 'one' } });

    expect(await tell(app, { commit, changed })).toMatchObject({ status: 200, result: 'known' });
    const foreign = await resultOf(await tell(app, { commit: later, changed: ['README.md'] }));
    expect(foreign).toMatchObject({ triggered: [], ignored: [{ why: 'nothing that matches deploy/* was changed' }] });
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'configmaps/settings']);

    // Other bytes in the repository, and the same manifests: no hook runs again.
    const same = await push(app, { 'app.yaml': `# as it was\n${manifests('one')}` });
    const { triggered: unchanged } = await resultOf(await tell(app, { commit: same, changed }));
    expect(unchanged).toMatchObject([
      { outcome: { kind: 'unchanged', why: 'sync 1 has brought these very manifests about' } },
    ]);
    const history = JSON.parse((await world.cli(['history', app.name, '-o', 'json'])).stdout) as { entries: object[] };
    expect(history.entries).toMatchObject([{ number: 1, requestedBy: 'github:alice', revision: commit }]);
  });

  test('of what can’t be right fails with file and line in Temporal, and changes nothing', async () => {
    const app = await world.application('pushed-wrong');
    await keep(app, '--on-push');
    const commit = await push(app, { 'app.yaml': 'apiVersion: v1\nkind: ConfigMap\n' });
    const failed = await resultOf(await tell(app, { commit })).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      cause: {
        type: 'TriggerFailed',
        details: [{ triggered: [{ outcome: { failures: [{ type: 'InvalidManifest', location: 'app.yaml:1' }] } }] }],
      },
    });
    const runs = world.histories.client.workflow.getHandle(workflowIdOf('default', app.name));
    await expect(runs.describe()).rejects.toThrow();
    expect(await app.writes({ withoutRecord: false })).toEqual([]);
  });
});

describe.concurrent('a schedule', () => {
  test('lets a worker render its application and put it in line, once, behind the sync that runs; and goes with the application', async () => {
    const { schedules } = world.client;
    const app = await world.application('scheduled');
    await keep(app);
    const commit = await push(app, { 'app.yaml': yamlOf(configMap('settings', {}, { value: 'scheduled' })) });
    const cron = ['--cron', '0 3 * * *', '--timezone', 'Europe/Berlin', '--jitter', '5m'];
    const wrong = await world.cli(['schedule', 'set', app.name, '--cron', '61 3 * * *']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('Minute is not in range') as string });
    const set = await world.cli(['schedule', 'set', app.name, ...cron]);
    expect(set).toMatchObject({ code: 0 });
    expect(set.stdout).toMatch(
      /scheduled: 0 3 \* \* \* \+ up to 5m \(Europe\/Berlin\), waits .*; set by e2e\nnext: \d{4}/,
    );

    const running = await app.start([job('migrate', { hook: 'PreSync', pods: { hang: 'true' } })]);
    await app.podRuns('migrate');
    const byHand = await world.cli(['schedule', 'trigger', app.name]);
    expect({ code: byHand.code, stdout: byHand.stdout }).toMatchObject({ code: 0 });
    const [, syncId = ''] = /^sync (\S+) of scheduled, revision [0-9a-f]{40}, is in line$/m.exec(byHand.stdout) ?? [];
    // The same by the schedule itself, as at its time: what waits already would do as much.
    await world.histories.client.schedule.getHandle(scheduleIdOf('default', app.name)).trigger();
    const recent = await until('the schedule has come round', async () => {
      const shown = await schedules.get(app.name, AT);
      return shown.recent[0]?.state === 'asked' ? shown.recent : undefined;
    });
    expect(recent).toHaveLength(1);
    expect((await world.client.handle(app.name, { cluster: 'default' }).status()).waiting).toMatchObject([
      { syncId, requestedBy: 'schedule:e2e', ifRunning: 'queue' },
    ]);
    await app.letEnd('migrate');
    expect(await running.ended).toMatchObject({ code: 0 });
    const synced = await world.client.handle(app.name, { cluster: 'default', syncId }).result();
    expect(synced).toMatchObject({ outcome: 'Succeeded', revision: commit, requestedBy: 'schedule:e2e' });
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'configmaps/settings']);

    expect(await world.cli(['schedule', 'pause', app.name, '--reason', 'a freeze'])).toMatchObject({ code: 0 });
    // What is set anew stays paused.
    expect((await world.cli(['schedule', 'set', app.name, '--cron', '@daily'])).stdout).toContain(
      'next: paused (e2e: a freeze)',
    );
    const listed = await until('it is listed', async () =>
      (await schedules.list(AT)).find(({ application, paused }) => application === app.name && paused),
    );
    expect(listed).toMatchObject({ crons: ['@daily'], timezone: 'UTC' });
    await schedules.resume(app.name, { ...AT, by: 'ana' });
    expect(await schedules.get(app.name, AT)).toMatchObject({ paused: false, note: 'ana' });
    await world.client.applications.delete(app.name, AT);
    expect(await world.cli(['schedule', 'get', app.name])).toMatchObject({ code: 2 });
  });

  test('of nothing that is kept can’t be set, and goes when its application is deleted', async () => {
    const app = await world.application('unscheduled');
    const set = () => world.client.schedules.set(app.name, { crons: ['@weekly'] }, { ...AT, by: 'ana' });
    await expect(set()).rejects.toThrow('no application unscheduled');
    await keep(app);
    await set();
    await app.sync([configMap('settings')]);
    expect(await world.cli(['delete', app.name, '--yes'])).toMatchObject({ code: 0 });
    await expect(world.client.schedules.get(app.name, AT)).rejects.toThrow('unscheduled has no schedule');
  });
});
