import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBundleStore } from '../../bundles/open-store.ts';
import { arrayAt, stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { parseManifests } from '../../core/manifests/parse.ts';
import { uidOf } from '../../core/objects.ts';
import { phaseWorkflowIdOf, workflowIdOf } from '../../core/markers.ts';
import { creations, historyOf, isCreation } from './support/audit.ts';
import { activitiesIn } from './support/histories.ts';
import { configMap, job, pod, yamlOf } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { Application, OwnWorld } from './support/world.ts';
import { startWorld } from './support/world.ts';
import { startReceiver } from '../support/receiver.ts';

let world: OwnWorld;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const HANGS = { hang: 'true', log: 'migrating' };

/** A migration, then a resource. */
function migration(hook: KubernetesObject): readonly KubernetesObject[] {
  return [hook, configMap('settings')];
}

/** What must hold of a hook that was interrupted: one object, one release, one pod. */
async function expectOneRun(app: Application, kind: 'Job' | 'Pod', name: string): Promise<void> {
  const resource = kind === 'Job' ? 'jobs' : 'pods';
  const events = await app.events();
  expect({ app: app.name, ...historyOf(events, resource, name) }).toEqual({
    app: app.name,
    created: 1,
    patched: 1,
    pods: 1,
  });
  expect(creations(await app.writes())).toEqual([`${resource}/${name}`, 'configmaps/settings']);
  if (kind === 'Job') {
    const uid = uidOf((await app.get('Job', name))!);
    const owners = (await app.list('Pod')).flatMap((each) => arrayAt(each, 'metadata', 'ownerReferences'));
    expect(owners.map((owner) => stringAt(owner, 'uid'))).toEqual([uid]);
  }
}

describe('a worker that is killed', () => {
  test('in the middle of hooks: another goes on, and each hook has run once [argo 6.resume]', async () => {
    const jobApp = await world.application('killed-job');
    const podApp = await world.application('killed-pod');
    const lateApp = await world.application('killed-late');
    const syncs = [
      await jobApp.start(migration(job('migrate', { hook: 'PreSync', pods: HANGS }))),
      await podApp.start(migration(pod('migrate', { hook: 'PreSync', pods: HANGS }))),
      await lateApp.start(migration(job('migrate', { hook: 'PreSync', pods: HANGS }))),
    ];
    await Promise.all([jobApp, podApp, lateApp].map((app) => app.podRuns('migrate')));
    await world.worker().end('SIGKILL');
    // Ends while no worker is there to see it.
    await lateApp.letEnd('migrate');
    await until('the Job has ended', async () =>
      stringAt(await lateApp.get('Job', 'migrate'), 'status', 'completionTime'),
    );
    await world.startWorker();
    await Promise.all([jobApp, podApp].map((app) => app.letEnd('migrate')));
    for (const sync of syncs) expect(await sync.ended).toMatchObject({ code: 0 });
    await expectOneRun(jobApp, 'Job', 'migrate');
    await expectOneRun(podApp, 'Pod', 'migrate');
    await expectOneRun(lateApp, 'Job', 'migrate');
    const histories = await world.histories.of(jobApp.name);
    expect(activitiesIn(histories, 'runHook')).toBe(1);
    expect((await jobApp.record()).holder).toBeNull();
  });

  test('while a newer sync waits for the older one to give way: neither is lost, and the hook has run once', async () => {
    const app = await world.application('killed-queue');
    const older = await app.start([job('migrate', { hook: 'PreSync', pods: HANGS }), configMap('older')]);
    await app.podRuns('migrate');
    const newer = await app.start([configMap('settings')], '--if-running', 'supersede');
    await until('the newer one waits', async () => newer.output().includes('supersedes sync') || undefined);
    await world.worker().end('SIGKILL');
    await until('the silence is told', async () => newer.output().includes('no worker answers') || undefined);
    const unanswered = await world.cli(['status', app.name, '--sync', 'unknown']);
    expect(unanswered).toMatchObject({ code: 4 });
    expect(unanswered.stderr).toContain('no worker tells whether sync unknown of killed-queue waits for its turn');
    await world.startWorker();
    await app.letEnd('migrate');
    expect(await older.ended).toMatchObject({ code: 7 });
    expect(await newer.ended).toMatchObject({ code: 0 });
    await expectOneRun(app, 'Job', 'migrate');
  });

  test('while a notification is on its way: it is delivered once, with the line of the log that says why', async () => {
    const app = await world.application('killed-told');
    let takes = false;
    const answers: number[] = [];
    const receiver = await startReceiver(() => {
      answers.push(takes ? 200 : 503);
      return [takes ? 200 : 503];
    });
    const file = join(
      await world.folder({
        'notify.yaml': [
          'version: 1',
          'network: { allow: [127.0.0.0/8], allowHttp: true }',
          'targets:',
          '- name: team',
          '  slack: { url: env:SLACK_URL }',
          `  applications: [${app.name}]`,
        ].join('\n'),
      }),
      'notify.yaml',
    );
    const env = { SLACK_URL: `http://127.0.0.1:${receiver.port}/services/T0` };
    const withTargets = { env, args: ['--notifications', file] };
    await world.worker().end('SIGTERM');
    await world.startWorker(withTargets);
    const broken = { 'exit-code': '3', log: 'applying 0042\nERROR: no such table' };
    expect(await app.sync(migration(job('migrate', { hook: 'PreSync', pods: broken })))).toMatchObject({ code: 1 });
    await until('the target has refused once', async () => receiver.received.length > 0 || undefined);
    await world.worker().end('SIGKILL');
    takes = true;
    await world.startWorker(withTargets);
    const delivery = (await world.histories.of(app.name)).find(({ workflowId }) => workflowId.startsWith('notify/'))!;
    const handle = world.histories.client.workflow.getHandle(delivery.workflowId);
    expect(await handle.result()).toEqual([{ target: 'team', kind: 'delivered' }]);
    expect(answers.filter((status) => status === 200)).toHaveLength(1);
    const { text } = JSON.parse(receiver.received.at(-1)!.text) as { readonly text: string };
    expect(text).toContain('*killed-told: sync 1');
    expect(text).toContain('```applying 0042\nERROR: no such table```');
    expect(text).toContain('`syncline logs killed-told migrate`');
    await receiver.close();
  });

  test('in the middle of a chart’s hooks: the one that goes on applies what was rendered at the start', async () => {
    const app = await world.application('killed-chart');
    const stamp =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stamp}\ndata: {at: "{{ now }} {{ randAlphaNum 20 }}"}\n';
    const chart = await world.folder({
      'Chart.yaml': 'apiVersion: v2\nname: stamped\nversion: 1.0.0\n',
      'templates/a.yaml': yamlOf(job('migrate', { hook: 'PreSync', pods: HANGS })),
      'templates/b.yaml': stamp,
    });
    const sync = await app.start(chart, '-o', 'json');
    await app.podRuns('migrate');
    await world.worker().end('SIGKILL');
    // Whoever rendered again would find nothing to render.
    await rm(chart, { recursive: true });
    await world.startWorker();
    await app.letEnd('migrate');

    const { code, stdout } = await sync.ended;

    expect(code).toBe(0);
    const { bundle } = JSON.parse(stdout) as { readonly bundle: string };
    const stored = await openBundleStore(world.env['SYNCLINE_BUNDLES']!).get(bundle, AbortSignal.timeout(60_000));
    const applied = stringAt(await app.get('ConfigMap', 'stamp'), 'data', 'at');
    expect(applied).toMatch(/ [A-Za-z0-9]{20}$/);
    expect(new TextDecoder().decode(stored)).toContain(JSON.stringify(applied));
  });

  test('in the middle of applying: another goes on where it was, wave after wave [argo 6.resume]', async () => {
    const app = await world.application('killed-apply');
    const names = Array.from({ length: 300 }, (_, index) => `settings-${index}`);
    const data = { filler: 'x'.repeat(2000) };
    // What hangs keeps the last wave from being applied before the worker is killed.
    const sync = await app.start([
      ...names.map((name, index) => configMap(name, { wave: Math.floor(index / 100) }, data)),
      job('wait', { hook: 'Sync', wave: 1, pods: HANGS }),
    ]);
    const applied = async (): Promise<number> =>
      (await app.list('ConfigMap')).filter((each) => stringAt(each, 'metadata', 'name')?.startsWith('settings-'))
        .length;
    await until('some ConfigMaps are applied', async () => ((await applied()) > 30 ? true : undefined));
    await world.worker().end('SIGKILL');
    expect(await applied()).toBeLessThan(300);
    await world.startWorker();
    await app.podRuns('wait');
    await app.letEnd('wait');
    expect(await sync.ended).toMatchObject({ code: 0 });
    const created = (await app.writes({ resource: 'configmaps' })).filter(isCreation);
    expect(new Set(created.map(({ name }) => name))).toEqual(new Set(names));
    expect(created).toHaveLength(300);
    const waves = [0, 1, 2].map((wave) => created.slice(wave * 100, wave * 100 + 100).map(({ name }) => name));
    for (const [wave, those] of waves.entries())
      expect(new Set(those)).toEqual(new Set(names.slice(wave * 100, wave * 100 + 100)));
  });

  test('by SIGTERM: it ends by itself, leaves the hook running, and another goes on', async () => {
    const app = await world.application('terminated');
    const sync = await app.start(migration(job('migrate', { hook: 'PreSync', pods: HANGS })));
    await app.podRuns('migrate');
    const worker = world.worker();
    await worker.end('SIGTERM');
    expect([worker.child.exitCode, worker.child.signalCode]).toEqual([0, null]);
    await world.startWorker();
    await app.letEnd('migrate');
    expect(await sync.ended).toMatchObject({ code: 0 });
    await expectOneRun(app, 'Job', 'migrate');
  });
});

describe('a sync that is terminated with its phase', () => {
  test('leaves its hook at work, until a sweep of what runs removes it; the next sync then goes on', async () => {
    const app = await world.application('terminated-both');
    const sync = await app.start(migration(job('migrate', { hook: 'PreSync', pods: HANGS })));
    await app.podRuns('migrate');
    const workflows = [workflowIdOf('default', app.name), phaseWorkflowIdOf('default', app.name, 'PreSync')];
    // While the worker stands still, so that the phase does not stop its hook before it is terminated too.
    const { child } = world.worker();
    child.kill('SIGSTOP');
    await Promise.all(workflows.map((id) => world.histories.client.workflow.getHandle(id).terminate()));
    child.kill('SIGCONT');
    expect((await sync.ended).code).toBe(3);
    expect(await world.cli(['sweep', app.name])).toMatchObject({ code: 0 });
    const ended = migration(job('migrate', { hook: 'PreSync' }));
    expect((await app.sync(ended)).stdout).toMatch(/HookConflict: .*\n?.*syncline sweep --running/s);
    expect((await world.cli(['sweep', app.name, '--running'])).stdout).toContain('removed Job');
    expect(await app.sync(ended)).toMatchObject({ code: 0 });
    expect((await app.record()).holder).toBeNull();
  });
});

describe('a server that is restarted', () => {
  test.each([
    ['Temporal', 'restarted-temporal', () => world.sandbox.restartTemporal()],
    ['the API server', 'restarted-api', () => world.sandbox.restartApiServer()],
  ] as const)('%s, in the middle of a hook: the sync goes on, and the hook has run once', async (_, name, restart) => {
    const app = await world.application(name);
    const sync = await app.start(migration(job('migrate', { hook: 'PreSync', pods: HANGS })));
    await app.podRuns('migrate');
    await restart();
    await app.letEnd('migrate');
    expect(await sync.ended).toMatchObject({ code: 0 });
    await expectOneRun(app, 'Job', 'migrate');
  });
});

describe('an API server that stands still', () => {
  test('holds up an abort for a bounded time; what it left running is swept on request, and the next sync goes on', async () => {
    const app = await world.application('standing-still');
    const { manifests } = parseManifests(
      [{ file: 'app.yaml', text: yamlOf(...migration(job('migrate', { hook: 'PreSync', pods: HANGS }))) }],
      { namespace: app.name },
    );
    const handle = await world.client.sync({
      ...{ manifests, application: app.name, cluster: 'default', namespace: app.name, requestedBy: 'e2e' },
      options: { stopWithinMs: 4_000 },
    });
    await app.podRuns('migrate');
    const server = world.sandbox.pids()['kube-apiserver']!;
    process.kill(server, 'SIGSTOP');
    try {
      const startedAt = Date.now();
      await handle.abort({ by: 'e2e' });
      const { outcome, failures } = await handle.result();
      expect({ outcome, first: failures[0]?.type }).toEqual({ outcome: 'Aborted', first: 'ClusterUnavailable' });
      expect(Date.now() - startedAt).toBeLessThan(120_000);
    } finally {
      process.kill(server, 'SIGCONT');
    }
    const next = await app.sync(migration(job('migrate', { hook: 'PreSync' })));
    expect(next.code).toBe(1);
    expect(next.stdout).toMatch(/HookConflict: .*\n?.*syncline sweep --running/s);
    expect(await world.cli(['sweep', app.name, '--running'])).toMatchObject({ code: 0 });
    expect(await app.sync(migration(job('migrate', { hook: 'PreSync' })))).toMatchObject({ code: 0 });
    expect((await app.record()).holder).toBeNull();
  });
});
