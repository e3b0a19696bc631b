import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../../core/json.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { loadCluster } from '../../kubernetes/kubeconfig.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { configMap, deployment, job } from './support/manifests.ts';
import { untilGranted } from '../support/authorization.ts';
import { restrictedKubeconfig } from './support/restricted.ts';
import { until } from './support/waiting.ts';
import type { Application, OwnWorld } from './support/world.ts';
import { startWorld } from './support/world.ts';

let world: OwnWorld;
let second: Sandbox;
let elsewhere: Cluster;
let kubeconfig: string;

const signal = () => AbortSignal.timeout(60_000);
const SERVED = ['--cluster', 'one=one', '--cluster', 'two=two', '--allow-as', 'system:serviceaccount:{namespace}:*'];

beforeAll(async () => {
  [world, second] = await Promise.all([startWorld({ worker: false }), startSandbox({ temporal: false })]);
  elsewhere = await loadCluster({ name: 'two', kubeconfigPath: second.kubeconfigs.admin });
  kubeconfig = join(await world.folder({}), 'config');
  await writeFile(
    kubeconfig,
    await merged({ one: world.sandbox.kubeconfigs.syncline, two: second.kubeconfigs.syncline }),
  );
  await world.startWorker({ args: [...SERVED, '--kubeconfig', kubeconfig] });
});

afterAll(async () => {
  await elsewhere.close();
  await Promise.all([world.stop(), second.stop()]);
});

/** One kubeconfig with a context for each of several that have one. */
async function merged(files: Readonly<Record<string, string>>): Promise<string> {
  const contexts = await Promise.all(
    Object.entries(files).map(async ([name, path]) => {
      const config = parse(await readFile(path, 'utf8')) as Readonly<
        Record<'clusters' | 'users', readonly JsonObject[]>
      >;
      return {
        cluster: { ...config.clusters[0], name },
        user: { ...config.users[0], name },
        context: { name, context: { cluster: name, user: name } },
      };
    }),
  );
  return stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'one' },
    clusters: contexts.map(({ cluster }) => cluster),
    users: contexts.map(({ user }) => user),
    contexts: contexts.map(({ context }) => context),
  });
}

describe('one worker', () => {
  test('serves several clusters, each with locks and records of its own', async () => {
    const app = await world.application('everywhere');
    await elsewhere.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: app.name } }, {}, signal());
    const manifests = (where: string) => [job('migrate', { hook: 'PreSync' }), configMap('where', {}, { is: where })];

    const [one, two] = await Promise.all([
      app.sync(manifests('one'), '--cluster', 'one'),
      app.sync(manifests('two'), '--cluster', 'two'),
    ]);

    expect([one.code, two.code]).toEqual([0, 0]);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: app.name, name: 'where' };
    expect(await world.admin.get(ref, signal())).toMatchObject({ data: { is: 'one' } });
    expect(await elsewhere.get(ref, signal())).toMatchObject({ data: { is: 'two' } });
    // The list may be a moment behind.
    await until('both are listed', async () => {
      const { stdout } = await world.cli(['list', '-o', 'json']);
      return (stdout.includes('"sync/one/everywhere"') && stdout.includes('"sync/two/everywhere"')) || undefined;
    });
    const nowhere = await app.sync(manifests('three'), '--cluster', 'three');
    expect(nowhere.stdout + nowhere.stderr).toContain('this worker has no cluster named three; it has: one, two');
  });

  test('does not start where two names are one cluster', async () => {
    const twice = world.start([
      'worker',
      '--cluster',
      'one=one',
      '--cluster',
      'also-one=one',
      '--kubeconfig',
      kubeconfig,
    ]);
    const { code, stderr } = await twice.ended;
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the clusters one and also-one are one cluster') as string,
    });
  });
});

/** Lets a service account do some things in its namespace, and waits until it may. */
async function allow(namespace: string, rules: readonly JsonObject[]): Promise<void> {
  const metadata = { name: 'deployer', namespace };
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata };
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { ...rbac, kind: 'Role', rules },
    {
      ...rbac,
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
    },
  ];
  for (const object of objects) await world.admin.apply(object, { fieldManager: 'test', force: true }, signal());
  await untilGranted(world.admin, { user: `system:serviceaccount:${namespace}:deployer` }, namespace, rules);
}

const EVERYTHING = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
const CONFIG_MAPS = { apiGroups: [''], resources: ['configmaps'], verbs: EVERYTHING };
const JOBS = { apiGroups: ['batch'], resources: ['jobs'], verbs: EVERYTHING };
const PODS = { apiGroups: [''], resources: ['pods', 'pods/log', 'events'], verbs: ['get', 'list', 'watch'] };

const deployer = (app: Application) => ['--cluster', 'one', '--as', `system:serviceaccount:${app.name}:deployer`];
const shop = [job('migrate', { hook: 'PreSync', pods: { log: 'migrated' } }), configMap('settings')];

describe('a sync that acts as a service account', () => {
  test('is refused before anything is changed, with the rules that are missing, and runs once they are there', async () => {
    const app = await world.application('as-deployer');
    await allow(app.name, [CONFIG_MAPS, { ...JOBS, verbs: ['get', 'list', 'create'] }, PODS]);

    const refused = await app.sync(shop, ...deployer(app));

    expect(refused.code).toBe(1);
    for (const verb of ['patch', 'delete']) {
      expect(refused.stdout.replaceAll(/\s+/g, ' ')).toContain(
        `system:serviceaccount:as-deployer:deployer may not ${verb} Job as-deployer/migrate → give system:serviceaccount:as-deployer:deployer the rule {apiGroups: ["batch"], resources: ["jobs"], verbs: ["${verb}"]} in namespace as-deployer`,
      );
    }
    expect(await app.writes({ withoutRecord: false })).toEqual([]);

    await allow(app.name, [CONFIG_MAPS, JOBS, PODS]);
    const done = await app.sync(shop, ...deployer(app));

    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(', as system:serviceaccount:') as string });
    const writes = await app.writes({ withoutRecord: false });
    const isOurs = ({ name = '' }: { readonly name?: string }) => name.startsWith('syncline.');
    expect(new Set(writes.filter((write) => !isOurs(write)).map(({ as }) => as))).toEqual(
      new Set(['system:serviceaccount:as-deployer:deployer']),
    );
    expect(new Set(writes.filter(isOurs).map(({ as }) => as))).toEqual(new Set([undefined]));
    expect((await world.cli(['logs', app.name, 'migrate', '--cluster', 'one'])).stdout).toContain('migrated');
    const deleted = await world.cli(['delete', app.name, '--yes', '--cluster', 'one']);
    expect(deleted.code).toBe(0);
    const deletions = (await app.writes()).filter(({ verb }) => verb === 'delete');
    expect(new Set(deletions.map(({ as }) => as))).toEqual(new Set(['system:serviceaccount:as-deployer:deployer']));
  });

  test('may not be one of another namespace, where the worker says so', async () => {
    const app = await world.application('as-stranger');
    const { code, stdout } = await app.sync(
      shop,
      ...['--cluster', 'one', '--as', 'system:serviceaccount:kube-system:default'],
    );
    expect({ code, stdout: stdout.replaceAll(/\s+/g, ' ') }).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        'this worker does not let application as-stranger act as system:serviceaccount:kube-system:default, only as system:serviceaccount:{namespace}:*',
      ) as string,
    });
    expect(await app.writes({ withoutRecord: false })).toEqual([]);
  });
});

describe('the rules of docs/clusters.md', () => {
  test('are enough for an account and for a worker, which syncs nothing without one where that is required', async () => {
    const [accountRules, workerRules] = await documentedRules();
    await world.worker().end('SIGKILL');
    const app = await world.application('by-the-book');
    const path = join(await world.folder({}), 'config');
    await writeFile(path, await restrictedKubeconfig(world, app.name, workerRules!));
    await world.startWorker({ args: ['--cluster', 'one', '--require-as', '--kubeconfig', path] });
    await allow(app.name, accountRules!);

    const refused = await app.sync(shop, '--cluster', 'one');
    expect(refused).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('this worker only syncs as an account that is named') as string,
    });
    const done = await app.sync([...shop, deployment('web')], ...deployer(app));

    expect(done).toMatchObject({ code: 0 });
    expect((await world.cli(['logs', app.name, 'migrate', '--cluster', 'one'])).stdout).toContain('migrated');
    expect((await world.cli(['delete', app.name, '--yes', '--cluster', 'one'])).code).toBe(0);
    expect(await app.list('ConfigMap')).toMatchObject([{ metadata: { name: 'kube-root-ca.crt' } }]);
  });
});

/** The rules of each YAML block of the page. */
async function documentedRules(): Promise<readonly (readonly JsonObject[])[]> {
  const page = await readFile(join(import.meta.dirname, '../../docs/clusters.md'), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);
  return blocks.map((text) => (parse(text) as { readonly rules: readonly JsonObject[] }).rules);
}
