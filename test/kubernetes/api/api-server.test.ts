import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { KubernetesObject } from '../../../core/objects.ts';
import { refOf, resourceVersionOf, uidOf } from '../../../core/objects.ts';
import type { ImpersonatingCluster } from '../../../kubernetes/api-cluster.ts';
import { ConnectionError } from '../../../kubernetes/errors.ts';
import { clusterUid, loadCluster } from '../../../kubernetes/kubeconfig.ts';
import { eventsFor, podsOf } from '../../../kubernetes/logs-and-events.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import type { Account } from '../../support/authorization.ts';
import { untilGranted } from '../../support/authorization.ts';

const NAMESPACE = 'api-tests';
const APPLY = { fieldManager: 'syncline/shop' };
const signal = new AbortController().signal;

let sandbox: Sandbox;
let cluster: ImpersonatingCluster;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-kubeconfig-'));
  sandbox = await startSandbox({ temporal: false });
  cluster = await loadCluster({ name: 'sandbox', kubeconfigPath: sandbox.kubeconfigPath });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, {}, signal);
});
afterAll(async () => {
  await cluster.close();
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

function configMap(name: string, more: object = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NAMESPACE }, data: { a: '1' }, ...more };
}

describe('a real API server', () => {
  it('is told apart by the UID of kube-system', async () => {
    expect(await clusterUid(cluster, signal)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('serves kinds in and outside namespaces', async () => {
    expect(await cluster.servedKind('apps/v1', 'Deployment', signal)).toMatchObject({
      plural: 'deployments',
      namespaced: true,
    });
    expect(await cluster.servedKind('rbac.authorization.k8s.io/v1', 'ClusterRole', signal)).toMatchObject({
      plural: 'clusterroles',
      namespaced: false,
    });
    expect(await cluster.servedKind('apps/v1', 'Scale', signal)).toBeUndefined();
  });

  it('tells its version and every kind it serves', async () => {
    const { version, kinds } = await cluster.capabilities(signal);

    expect(version).toMatch(/^v1\.\d+\./);
    expect(kinds.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`)).toEqual(
      expect.arrayContaining(['v1/Pod', 'apps/v1/Deployment', 'policy/v1/PodDisruptionBudget']),
    );
  });

  it('creates once, and says so', async () => {
    await cluster.create(configMap('once'), {}, signal);
    await expect(cluster.create(configMap('once'), {}, signal)).rejects.toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
    });
  });

  it('makes up a name for generateName', async () => {
    const object = { ...configMap(''), metadata: { generateName: 'made-', namespace: NAMESPACE } };
    const made = await cluster.create(object, {}, signal);
    expect(refOf(made).name).toMatch(/^made-.{5}$/);
    expect(await cluster.get(refOf(made), signal)).toMatchObject({ data: { a: '1' } });
  });

  it('changes nothing in a dry run', async () => {
    const dry = configMap('dry');
    await cluster.apply(dry, { ...APPLY, dryRun: true }, signal);
    await cluster.create(dry, { dryRun: true }, signal);
    expect(await cluster.get(refOf(dry), signal)).toBeUndefined();
    await cluster.create(dry, {}, signal);
    expect(await cluster.delete(refOf(dry), { propagation: 'Background', dryRun: true }, signal)).toBe(true);
    expect(await cluster.get(refOf(dry), signal)).toBeDefined();
  });

  it.each([
    ['create', (object: KubernetesObject) => cluster.create(object, {}, signal)],
    ['apply', (object: KubernetesObject) => cluster.apply(object, APPLY, signal)],
  ])('rejects unknown fields on %s, and names them', async (_what, write) => {
    const failure = write(configMap('unknown', { dataa: { x: 'y' } }));
    await expect(failure).rejects.toMatchObject({ code: 400 });
    await expect(failure).rejects.toThrow('dataa');
  });

  it('names the managers an apply conflicts with, and lets it take over by force', async () => {
    await cluster.apply(configMap('shared'), { fieldManager: 'first' }, signal);
    const second = cluster.apply(configMap('shared', { data: { a: '2' } }), { fieldManager: 'second' }, signal);
    await expect(second).rejects.toMatchObject({
      code: 409,
      causes: [
        { type: 'FieldManagerConflict', field: '.data.a', message: expect.stringContaining('"first"') as string },
      ],
    });
    const forced = await cluster.apply(
      configMap('shared', { data: { a: '2' } }),
      { fieldManager: 'second', force: true },
      signal,
    );
    expect(forced['data']).toEqual({ a: '2' });
  });

  it('replaces only the version that was read', async () => {
    const read = await cluster.create(configMap('cas'), {}, signal);
    await cluster.replace({ ...read, data: { a: '2' } }, {}, signal);
    await expect(cluster.replace({ ...read, data: { a: '3' } }, {}, signal)).rejects.toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
  });

  it('patches after tests, and answers 422 where one fails', async () => {
    const made = await cluster.create(configMap('patched'), {}, signal);
    const steps = (uid: string) => [
      { op: 'test', path: '/metadata/uid', value: uid } as const,
      { op: 'replace', path: '/data/a', value: '2' } as const,
    ];
    expect((await cluster.patch(refOf(made), steps(uidOf(made)), signal))['data']).toEqual({ a: '2' });
    await expect(cluster.patch(refOf(made), steps('other'), signal)).rejects.toMatchObject({ code: 422 });
  });

  it('deletes what has the UID and version, and nothing else', async () => {
    const made = await cluster.create(configMap('guarded'), {}, signal);
    const ref = refOf(made);
    const propagation = 'Background';
    await expect(cluster.delete(ref, { uid: 'other', propagation }, signal)).rejects.toMatchObject({ code: 409 });
    await expect(cluster.delete(ref, { resourceVersion: '1', propagation }, signal)).rejects.toMatchObject({
      code: 409,
    });
    const guards = { uid: uidOf(made), resourceVersion: resourceVersionOf(made) };
    expect(await cluster.delete(ref, { ...guards, propagation }, signal)).toBe(true);
    expect(await cluster.delete(ref, { ...guards, propagation }, signal)).toBe(false);
  });

  it('keeps the case and the colon of a ClusterRole MyRole:Edit', async () => {
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
    const role = { apiVersion, kind: 'ClusterRole', metadata: { name: 'MyRole:Edit' }, rules };
    await cluster.apply(role, APPLY, signal);
    expect(await cluster.get(refOf(role), signal)).toMatchObject({ metadata: { name: 'MyRole:Edit' } });
    expect(await cluster.delete(refOf(role), { propagation: 'Background' }, signal)).toBe(true);
  });

  it('never sees the value of a Secret it refuses come back in our words', async () => {
    const secret = { ...configMap('bad key!'), kind: 'Secret', data: { password: 'not base64: hunter2' } };
    const writes = [cluster.apply(secret, APPLY, signal), cluster.create(secret, {}, signal)];
    for (const outcome of await Promise.allSettled(writes)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(Error) as Error });
      expect(JSON.stringify([outcome, String((outcome as PromiseRejectedResult).reason)])).not.toContain('hunter2');
    }
  });

  it('lists more than a page, and a view shows them all', async () => {
    const namespace = `${NAMESPACE}-many`;
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal);
    const objects = Array.from({ length: 620 }, (_, i) =>
      configMap(`many-${i}`, { metadata: { name: `many-${i}`, namespace, labels: { many: 'yes' } } }),
    );
    await Promise.all(objects.map((object) => cluster.apply(object, APPLY, signal)));
    const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: 'many=yes' };
    const listed = await cluster.list(query, signal);
    expect(new Set(listed.map((object) => refOf(object).name)).size).toBe(620);
    expect(listed.every((object) => object['kind'] === 'ConfigMap' && object['apiVersion'] === 'v1')).toBe(true);
    const view = await cluster.view(query, signal);
    expect(view.all()).toHaveLength(620);
    await cluster.delete({ ...query, name: 'many-7' }, { propagation: 'Background' }, signal);
    while (view.get('many-7') !== undefined) await view.changed(10_000, signal);
    expect(view.all()).toHaveLength(619);
    view.close();
  });

  it('keeps a view alive over a restart of the API server', async () => {
    const view = await cluster.view({ apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE }, signal);
    await sandbox.restartApiServer();
    await cluster.apply(configMap('after-restart'), APPLY, signal);
    while (view.get('after-restart') === undefined) await view.changed(20_000, signal);
    view.close();
  });

  it('discovers a kind that was just defined, and keeps fields it has no model for', async () => {
    const group = 'tests.syncline.dev';
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    };
    const widget = {
      apiVersion: `${group}/v1`,
      kind: 'Widget',
      metadata: { name: 'w', namespace: NAMESPACE },
      spec: { futureField: { deep: [1] } },
    };
    await expect(cluster.apply(widget, APPLY, signal)).rejects.toMatchObject({ reason: 'KindNotServed' });
    await cluster.apply(definition, APPLY, signal);
    await expect.poll(() => cluster.servedKind(`${group}/v1`, 'Widget', signal)).toBeDefined();
    await expect.poll(() => cluster.apply(widget, APPLY, signal).catch(() => undefined)).toBeDefined();
    expect(await cluster.get(refOf(widget), signal)).toMatchObject({ spec: { futureField: { deep: [1] } } });
  });

  it('tells the pods and the events of a Job', async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } };
    const job = await cluster.create(
      { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', namespace: NAMESPACE }, spec: { template } },
      {},
      signal,
    );
    await expect.poll(async () => (await podsOf(cluster, NAMESPACE, uidOf(job), signal)).length).toBe(1);
    await expect.poll(async () => (await eventsFor(cluster, NAMESPACE, uidOf(job), signal)).length).toBeGreaterThan(0);
    const [event] = await eventsFor(cluster, NAMESPACE, uidOf(job), signal);
    expect(event).toMatchObject({ type: 'Normal', reason: 'SuccessfulCreate', count: 1, object: 'Job/migrate' });
    expect(new Date(event?.at ?? '').toISOString()).toBe(event?.at);
  });

  it('is not trusted where its authority is not the one the kubeconfig names', async () => {
    const admin = parse(await readFile(sandbox.kubeconfigPath, 'utf8')) as {
      clusters: { name: string; cluster: object }[];
    };
    const clusters = admin.clusters.map(({ name, cluster: { ...known } }) => ({
      name,
      cluster: { ...known, 'certificate-authority-data': undefined },
    }));
    await writeFile(join(folder, 'distrustful'), stringify({ ...admin, clusters }));
    const distrustful = await loadCluster({ name: 'distrustful', kubeconfigPath: join(folder, 'distrustful') });
    const failure = clusterUid(distrustful, signal);
    await expect(failure).rejects.toBeInstanceOf(ConnectionError);
    await expect(failure).rejects.toThrow('certificate');
    await distrustful.close();
  });

  it('lets in whom an exec plugin vouches for, and asks it again when its token has expired', async () => {
    const admin = parse(await readFile(sandbox.kubeconfigPath, 'utf8')) as {
      users: { name: string; user: { token: string } }[];
    };
    const token = admin.users[0]?.user.token ?? '';
    const calls = join(folder, 'calls');
    const credential = (value: string): string =>
      JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: { token: value },
      });
    await writeFile(
      join(folder, 'plugin'),
      `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> '${calls}'\n` +
        `if [ "$(wc -l < '${calls}')" = 1 ]; then echo '${credential('expired')}'; else echo '${credential(token)}'; fi\n`,
    );
    await chmod(join(folder, 'plugin'), 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', interactiveMode: 'Never' };
    const users = admin.users.map(({ name }) => ({ name, user: { exec } }));
    await writeFile(join(folder, 'kubeconfig'), stringify({ ...admin, users }));
    const plugged = await loadCluster({ name: 'plugged', kubeconfigPath: join(folder, 'kubeconfig') });
    try {
      expect(await clusterUid(plugged, signal)).toBe(await clusterUid(cluster, signal));
      const told = (await readFile(calls, 'utf8')).trim().split('\n');
      expect(told).toHaveLength(2);
      expect(JSON.parse(told[0] ?? '')).toMatchObject({ kind: 'ExecCredential', spec: { interactive: false } });
    } finally {
      await plugged.close();
    }
  });
});

describe('a cluster as another account', () => {
  const account = (name: string) => ({ user: `system:serviceaccount:${NAMESPACE}:${name}` });

  /** Lets a user or a group read ConfigMaps, and waits until an account to which that applies may. */
  async function mayRead(name: string, subject: object, who: Account): Promise<void> {
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name, namespace: NAMESPACE } };
    const group = 'rbac.authorization.k8s.io';
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }];
    await cluster.create({ ...rbac, kind: 'Role', rules }, {}, signal);
    const binding = { roleRef: { apiGroup: group, kind: 'Role', name }, subjects: [{ apiGroup: group, ...subject }] };
    await cluster.create({ ...rbac, kind: 'RoleBinding', ...binding }, {}, signal);
    await untilGranted(cluster, who, NAMESPACE, rules);
  }

  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE };

  it('may do what that account may, as itself, in its own groups and in those that are named', async () => {
    await mayRead('its-user', { kind: 'User', name: account('reader').user }, account('reader'));
    await mayRead('its-group', { kind: 'Group', name: 'readers' }, { user: 'jane', groups: ['readers'] });
    await expect(cluster.as(account('reader')).list(query, signal)).resolves.toBeDefined();
    await expect(cluster.as({ user: 'jane', groups: ['staff', 'readers'] }).list(query, signal)).resolves.toBeDefined();
    await expect(cluster.as({ user: 'jane' }).list(query, signal)).rejects.toMatchObject({ code: 403 });
    await expect(cluster.as(account('reader')).create(configMap('not-mine'), {}, signal)).rejects.toThrow(
      `User "${account('reader').user}" cannot create resource "configmaps"`,
    );
    const all = `system:serviceaccounts:${NAMESPACE}`;
    await mayRead('all-accounts', { kind: 'Group', name: all }, { ...account('another'), groups: [all] });
    await expect(cluster.as(account('another')).list(query, signal)).resolves.toBeDefined();
  });

  it('sees nothing by the views of others', async () => {
    const secrets = { ...query, kind: 'Secret' };
    await cluster.create({ ...configMap('hidden'), kind: 'Secret', data: {}, stringData: { a: '1' } }, {}, signal);
    const own = await cluster.view(secrets, signal);
    try {
      expect(own.get('hidden', NAMESPACE)).toBeDefined();
      await expect(cluster.as(account('reader')).view(secrets, signal)).rejects.toMatchObject({ code: 403 });
      await expect(
        cluster.as(account('reader')).get(refOf({ ...configMap('hidden'), kind: 'Secret' }), signal),
      ).rejects.toMatchObject({ code: 403 });
    } finally {
      own.close();
    }
    await expect(
      cluster
        .as({ user: 'system:anonymous', groups: ['system:unauthenticated'] })
        .servedKind('apps/v1', 'Deployment', signal),
    ).rejects.toMatchObject({ code: 403 });
  });

  it('is closed with the cluster it was made from', async () => {
    const closed = await loadCluster({ name: 'sandbox', kubeconfigPath: sandbox.kubeconfigPath });
    const reader = closed.as(account('reader'));
    await reader.list(query, signal);
    await closed.close();
    await expect(reader.list(query, signal)).rejects.toBeInstanceOf(ConnectionError);
  });

  it('can’t be had where the kubeconfig’s user acts as somebody already', async () => {
    const config = parse(await readFile(sandbox.kubeconfigPath, 'utf8')) as { users: { user: object }[] };
    const path = join(folder, 'acting');
    const users = config.users.map((each) => ({ ...each, user: { ...each.user, as: 'jane' } }));
    await writeFile(path, stringify({ ...config, users }));
    const acting = await loadCluster({ name: 'sandbox', kubeconfigPath: path });
    await expect(acting.list(query, signal)).rejects.toThrow('User "jane" cannot list');
    await expect(acting.as(account('reader')).list(query, signal)).rejects.toMatchObject({
      type: 'Forbidden',
      message: expect.stringContaining('acts as jane already') as string,
    });
    await acting.close();
  });
});
