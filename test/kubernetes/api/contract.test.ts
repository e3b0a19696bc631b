import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { loadCluster } from '../../../kubernetes/kubeconfig.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { describeApiServer } from '../../fakes/api-server/contract.ts';

const signal = new AbortController().signal;
let sandbox: Sandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await startSandbox({ temporal: false });
  cluster = await loadCluster({ name: 'sandbox', kubeconfigPath: sandbox.kubeconfigPath });
});
afterAll(async () => {
  await cluster.close();
  await sandbox.stop();
});

describeApiServer('a real one', async () => {
  const name = `contract-${randomUUID()}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, {}, signal);
  await untilPodsMayBeMade(name);
  return { cluster, namespace: name };
});

/** Kubernetes admits no Pod before it has made the namespace's default service account. */
async function untilPodsMayBeMade(namespace: string): Promise<void> {
  const view = await cluster.view({ apiVersion: 'v1', kind: 'ServiceAccount', namespace }, signal);
  while (view.get('default', namespace) === undefined) await view.changed(10_000, signal);
  view.close();
}
