import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../core/objects.ts';
import { creations, isCreation, written } from './support/audit.ts';
import { configMap, deployment, job, secret, service, yamlOf } from './support/manifests.ts';
import type { CliResult } from './support/processes.ts';
import { restrictedKubeconfig, unreachableKubeconfig } from './support/restricted.ts';
import type { Application, OwnWorld } from './support/world.ts';
import { until } from './support/waiting.ts';
import { startWorld } from './support/world.ts';

let world: OwnWorld;
let withoutWorker: CliResult;

beforeAll(async () => {
  world = await startWorld({ worker: false });
  // Temporal remembers a worker for a while after it has gone, so this comes before the first.
  const folder = await world.folder({ 'app.yaml': yamlOf(configMap('settings')) });
  withoutWorker = await world.cli(['sync', folder, '--app', 'no-worker']);
  await world.startWorker();
});

afterAll(() => world.stop());

/** Nothing of an application may be there: no object, no record. */
async function expectNothingDone(app: Application): Promise<void> {
  expect((await app.writes({ withoutRecord: false })).map(written)).toEqual([]);
}

const settings = yamlOf(configMap('settings'));
const hook = (annotations: Readonly<Record<string, string>>): string => yamlOf(job('migrate', { annotations }));
const HOOK = 'argocd.argoproj.io/hook';

describe.concurrent('manifests that are wrong end with code 2 and are never sent', () => {
  test.each([
    ['broken YAML', `${settings}\n---\nkind: [ConfigMap\n`, /app\.yaml:\d+/],
    ['an object without a kind', `${settings}\n---\napiVersion: v1\nmetadata: {name: a}\n`, /kind/],
    ['an object without a name', `${settings}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {}\n`, /name/],
    ['one object twice', `${settings}\n---\n${settings}`, /ConfigMap .*settings.*(twice|also|again|more than once)/i],
    ['a hook type that does not exist [argo 1.hook-unknown]', hook({ [HOOK]: 'PreSink' }), /PreSink.*PreSync/s],
    [
      'a delete policy that does not exist [argo 1.hook-delete-policy-unknown]',
      hook({ [HOOK]: 'PreSync', [`${HOOK}-delete-policy`]: 'Always' }),
      /Always.*HookSucceeded/s,
    ],
    [
      'a wave that is no integer [argo 1.sync-wave-unparsable]',
      hook({ [HOOK]: 'PreSync', 'argocd.argoproj.io/sync-wave': '1.5' }),
      /1\.5/,
    ],
    [
      'a generated name on what is no hook [argo 1.generateName-resource] [argo 5.21]',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n',
      /generateName/,
    ],
    ['a name of 300 characters', yamlOf(configMap('x'.repeat(300))), /253|too long|longer/],
    ['a file that is empty', '', /no (manifests|object)|nothing/i],
  ])('%s', async (what, text, message) => {
    const app = await world.application(
      what
        .replace(/ \[.*/, '')
        .replaceAll(/[^a-zA-Z0-9]+/g, '-')
        .toLowerCase(),
    );
    const folder = await world.folder({ 'app.yaml': text });
    const { code, stderr } = await app.sync(folder);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    await expectNothingDone(app);
  });

  test('a folder without manifests', async () => {
    const app = await world.application('empty-folder');
    const { code, stderr } = await app.sync(await world.folder({ 'README.md': 'nothing' }));
    expect([code, stderr]).toEqual([2, expect.stringContaining('holds no manifests')]);
    await expectNothingDone(app);
  });

  test('a path that does not exist, and names that can not be', async () => {
    const folder = await world.folder({ 'app.yaml': settings });
    expect(await world.cli(['sync', '/does/not/exist', '--app', 'a'])).toMatchObject({ code: 2 });
    expect(await world.cli(['sync', folder, '--app', 'Not A Name'])).toMatchObject({ code: 2 });
    expect(await world.cli(['sync', folder, '--app', 'a', '-n', 'Not_A_Name'])).toMatchObject({ code: 2 });
    expect(await world.cli(['sync', folder])).toMatchObject({ code: 2 });
  });
});

describe.concurrent('manifests that the cluster refuses end with code 1, and nothing is changed', () => {
  const unserved: KubernetesObject = {
    apiVersion: 'example.com/v1',
    kind: 'Gadget',
    metadata: { name: 'gadget' },
    spec: {},
  };
  const misspelt: KubernetesObject = { ...service('web'), spec: { prots: [] } };

  test.each([
    ['a kind that is not served [argo 2.1.unknown-kind]', 'unserved', unserved, /Gadget/],
    ['a field that does not exist', 'misspelt', misspelt, /prots/],
  ])('%s', async (_, name, object, message) => {
    const app = await world.application(name);
    const { code, stdout } = await app.sync([job('migrate', { hook: 'PreSync' }), configMap('settings'), object]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(message)]);
    expect(stdout).toContain('nothing was changed');
    await expectNothingDone(app);
  });

  test('a namespace that does not exist', async () => {
    const folder = await world.folder({ 'app.yaml': settings });
    const { code, stdout } = await world.cli(['sync', folder, '--app', 'nowhere', '-n', 'nowhere']);
    expect([code, stdout]).toEqual([1, expect.stringContaining('--create-namespace')]);
    const made = await world.auditOf({ resource: 'namespaces', name: 'nowhere', dryRun: false });
    expect(made.map(written)).toEqual([]);
  });

  test('fields that can not be changed', async () => {
    const app = await world.application('immutable');
    expect(await app.sync([service('web'), deployment('web')])).toMatchObject({ code: 0 });
    const before = await app.writes({ withoutRecord: false });
    const { code, stdout } = await app.sync([
      configMap('settings'),
      service('web', { spec: { clusterIP: '10.96.77.77' } }),
      deployment('web', {
        spec: {
          selector: { matchLabels: { app: 'other' } },
          template: { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'main', image: 'x' }] } },
        },
      }),
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/Service immutable\/web/);
    expect(stdout).toMatch(/Deployment immutable\/web/);
    expect(stdout).toMatch(/immutable/);
    expect(await app.writes({ withoutRecord: false })).toHaveLength(before.length);
  });
});

test('a command that a sync can not take ends with code 2 and says where it stands, and the sync waits on', async () => {
  const app = await world.application('steered');
  const approval = { 'syncline.dev/approval': 'required' };
  const gated = configMap('settings', { annotations: approval });
  expect(await app.sync([gated], '--detach')).toMatchObject({ code: 0 });
  const status = () => world.cli(['status', app.name]);
  await until('the gate', async () => ((await status()).stdout.includes('syncline approve') ? true : undefined));
  const refusal = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await world.cli(args);
    return `${String(code)} ${stderr}`;
  };
  expect(await refusal('retry', app.name)).toMatch(
    /^2 error: the sync does not hold: it waits at gate Sync\/0, and takes `approve`/,
  );
  expect(await refusal('skip', app.name, 'Sync:0', '--reason', ' ')).toMatch(/^2 error: skip needs `reason`: why/);
  expect(await refusal('retry', app.name, '--from', 'Presink')).toMatch(/^2 error: "Presink" is no place in a plan/);
  expect(await refusal('abort', app.name, '--sync', 'other')).toMatch(/^2 error: there is no sync other of steered/);
  const decisions = await Promise.all([
    world.cli(['approve', app.name]),
    world.cli(['reject', app.name, '--reason', 'not today']),
  ]);
  expect(decisions.map(({ code }) => code).sort()).toEqual([0, 2]);
  await world.client.handle(app.name, { cluster: 'default' }).result();
  expect(await refusal('approve', app.name)).toMatch(/^2 error: nothing of steered waits for an approval/);
  expect(await refusal('abort', app.name)).toMatch(/^2 error: no sync of steered is running/);
});

test('a bundle of 20 MB is synced', async () => {
  const app = await world.application('large');
  const names = Array.from({ length: 20 }, (_, index) => `blob-${index}`);
  const { code, stderr } = await app.sync(names.map((name) => configMap(name, {}, { blob: 'x'.repeat(1_000_000) })));
  expect([code, stderr]).toEqual([0, '']);
  expect((await app.writes({ resource: 'configmaps' })).filter(isCreation)).toHaveLength(20);
});

test('a bundle that is larger than what is read is refused with code 2', async () => {
  const app = await world.application('too-large');
  const names = Array.from({ length: 27 }, (_, index) => `blob-${index}`);
  const { code, stderr } = await app.sync(names.map((name) => configMap(name, {}, { blob: 'x'.repeat(1_000_000) })));
  expect([code, stderr]).toEqual([2, expect.stringContaining('25 MiB')]);
  await expectNothingDone(app);
});

describe('what can not be reached ends with code 4', () => {
  test('Temporal without a worker, and the message names the command that starts one', () => {
    expect(withoutWorker.code).toBe(4);
    expect(withoutWorker.stderr).toContain('syncline worker');
  });

  test.each([
    ['sync', ['sync', '-', '--app', 'a']],
    ['status', ['status', 'a']],
    ['worker', ['worker']],
  ])('Temporal, for %s', async (_, args) => {
    const { code, stderr } = await world.cli(args, { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' }, stdin: settings });
    expect([code, stderr]).toEqual([4, expect.stringContaining('127.0.0.1:1')]);
  });

  test.each([
    ['a worker', ['worker'], {}],
    ['a command that keeps bundles in it', ['sync', '-', '--app', 'a'], { SYNCLINE_BUNDLES: 'kubernetes:default' }],
  ])('the cluster, for %s', async (_, args, env) => {
    const folder = await world.folder({ config: await unreachableKubeconfig(world) });
    const { code, stderr } = await world.cli(args, {
      env: { ...env, KUBECONFIG: `${folder}/config` },
      stdin: settings,
    });
    expect([code, stderr]).toEqual([4, expect.stringContaining('127.0.0.1:1')]);
  });

  test('the cluster, for a sync: it waits for it, up to its --timeout', async () => {
    const app = await world.application('api-away');
    await world.sandbox.stopApiServer();
    const { code, stdout } = await app.sync([configMap('settings')], '--timeout', '4s');
    await world.sandbox.startApiServer();
    expect([code, stdout]).toEqual([1, expect.stringContaining('SyncTimedOut')]);
    await expectNothingDone(app);
  });
});

test('a worker that may not write a kind says what it lacks, and changes nothing [argo 2.1.permissions] [argo 5.2]', async () => {
  const app = await world.application('forbidden');
  const all = ['*'];
  const kubeconfig = await restrictedKubeconfig(world, app.name, [
    { apiGroups: all, resources: all, verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'update', 'patch'] },
  ]);
  const folder = await world.folder({ config: kubeconfig });
  await world.worker().end('SIGTERM');
  await world.startWorker({ env: { KUBECONFIG: `${folder}/config` } });
  const { code, stdout } = await app.sync([
    configMap('settings'),
    secret('credentials', { password: 'sentinel-password' }),
  ]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/Forbidden/);
  expect(stdout).toMatch(/secrets/);
  expect(stdout).not.toContain('sentinel-password');
  const user = `system:serviceaccount:${app.name}:restricted-${app.name}`;
  expect(creations(await app.writes({ user }))).toEqual([]);
});

test('a health check that loops holds up what it judges, up to its deadline, and nothing else [argo 4.Lua]', async () => {
  const app = await world.application('checks');
  const loop =
    'local hs = {}\nif obj.data.state ~= "fine" then\n  while true do end\nend\nhs.status = "Healthy"\nreturn hs';
  const folder = await world.folder({ 'ConfigMap/health.lua': loop, 'a.io/Thing/health.lua': 'return = 1' });
  await world.worker().end('SIGTERM');
  await world.startWorker({ args: ['--checks', folder] });
  const fine = { ...configMap('settings'), data: { state: 'fine' } };
  expect(await app.sync([fine])).toMatchObject({ code: 0 });
  const looping = configMap('settings', { annotations: { 'syncline.dev/timeout': '5s' } });
  const { code, stdout } = await app.sync([{ ...looping, data: { state: 'odd' } }]);
  expect(code).toBe(1);
  const said = stdout.replaceAll(/\s+/g, ' ');
  expect(said).toContain('WaveTimedOut');
  expect(said).toContain('ConfigMap/health.lua, line 3): runs longer than 1 s');
});
