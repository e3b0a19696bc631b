import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workflowIdOf } from '../../core/markers.ts';
import type { PushResult } from '../../workflows/receive-push.ts';
import type { GitServer } from '../sources/support/repository.ts';
import { commitAll, makeRepository, serveRepositories } from '../sources/support/repository.ts';
import type { ToldPush } from '../support/webhook-bodies.ts';
import { gitHubBody, gitHubHeaders, WEBHOOK_SECRETS } from '../support/webhook-bodies.ts';
import type { RunningServer } from './support/api.ts';
import { startServer } from './support/api.ts';
import { creations } from './support/audit.ts';
import { configMap, job, yamlOf } from './support/manifests.ts';
import type { Application, World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;
let server: RunningServer;
let repositories: GitServer;
let root: string;
let work: string;

beforeAll(async () => {
  world = await sharedWorld();
  root = await world.folder({ secret: WEBHOOK_SECRETS.github });
  await writeFile(join(root, 'webhooks.yaml'), `github: [{secret: 'file:${root}/secret'}]`);
  ({ work } = await makeRepository(root));
  repositories = await serveRepositories(root);
  server = await startServer(world, '--webhooks', join(root, 'webhooks.yaml'));
});

afterAll(async () => {
  await server.stop();
  repositories.close();
  await world.stop();
});

/** Commits files of an application's folder and pushes them; the commit. */
async function push(app: Application, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(join(work, app.name), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(work, app.name, file), text);
  return commitAll(work, 'Change it');
}

interface Heard {
  readonly status: number;
  readonly result?: string;
  readonly workflowId?: string;
}

/** Tells the server of a push as GitHub does. */
async function tell(told: ToldPush, secret: string = WEBHOOK_SECRETS.github): Promise<Heard> {
  const body = JSON.stringify(gitHubBody({ repository: `${repositories.address}/repo`, ...told }));
  const headers = gitHubHeaders(body, 'push', secret);
  const answer = await fetch(`${server.url}/v1/webhooks/github`, { method: 'POST', body, headers });
  return { status: answer.status, ...((await answer.json()) as object) };
}

/** What became of a push. */
async function resultOf({ workflowId = '' }: Heard): Promise<PushResult> {
  return (await world.histories.client.workflow.getHandle(workflowId).result()) as PushResult;
}

async function keep(app: Application, ...flags: readonly string[]): Promise<void> {
  const source = `git+${repositories.address}/repo.git//${app.name}`;
  const kept = await world.cli(['app', 'set', app.name, source, '--ref', 'main', '-n', app.name, ...flags]);
  expect(kept).toMatchObject({ code: 0 });
}

const manifests = (value: string): string =>
  yamlOf(job('migrate', { hook: 'PreSync' }), configMap('settings', {}, { value }));

describe('a push that a webhook tells of', () => {
  test('is rendered by a worker at its own commit and synced once, in the name of who has pushed', async () => {
    const app = await world.application('pushed');
    await keep(app, '--on-push', '--on-push-path', 'pushed/*');
    const commit = await push(app, { 'app.yaml': manifests('one') });
    const later = await push(app, { 'app.yaml': manifests('two') });

    expect(await tell({ commit }, 'another-secret-than-theirs')).toMatchObject({ status: 401 });
    const changed = ['pushed/app.yaml'];
    const heard = await tell({ commit, changed });
    expect(heard).toMatchObject({ status: 200, result: 'accepted' });
    const { triggered } = await resultOf(heard);
    expect(triggered).toMatchObject([{ application: 'pushed', outcome: { kind: 'asked', revision: commit } }]);
    const { outcome } = triggered[0]!;
    const syncId = outcome.kind === 'asked' ? outcome.syncId : '';
    const synced = await world.client.handle(app.name, { cluster: 'default', syncId }).result();
    expect(synced).toMatchObject({ outcome: 'Succeeded', revision: commit, requestedBy: 'github:alice' });
    expect(await app.get('ConfigMap', 'settings')).toMatchObject({ data: { value: 'one' } });

    expect(await tell({ commit, changed })).toMatchObject({ status: 200, result: 'known' });
    const foreign = await resultOf(await tell({ commit: later, changed: ['README.md'] }));
    expect(foreign).toMatchObject({ triggered: [], ignored: [{ why: 'nothing that matches pushed/* was changed' }] });
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'configmaps/settings']);

    // Other bytes in the repository, and the same manifests: no hook runs again.
    const same = await push(app, { 'app.yaml': `# as it was\n${manifests('one')}` });
    const { triggered: unchanged } = await resultOf(await tell({ commit: same, changed }));
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
    const failed = await resultOf(await tell({ commit })).catch((error: unknown) => error);
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
