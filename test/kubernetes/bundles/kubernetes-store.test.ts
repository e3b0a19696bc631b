import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubernetesStore } from '../../../bundles/kubernetes-store.ts';
import { refOf } from '../../../core/objects.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { loadCluster } from '../../../kubernetes/kubeconfig.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { describeBundleStore } from '../../fakes/store-contract.ts';

const never = new AbortController().signal;
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

async function newNamespace(): Promise<string> {
  const name = `bundles-${randomUUID()}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, {}, never);
  return name;
}

function secretsOf(namespace: string, role: string): ReturnType<Cluster['list']> {
  const labelSelector = `app.kubernetes.io/managed-by=syncline,syncline.dev/store=${role}`;
  return cluster.list({ apiVersion: 'v1', kind: 'Secret', namespace, labelSelector }, never);
}

describeBundleStore(
  'kubernetes (on an API server)',
  async () => {
    const namespace = await newNamespace();
    return {
      open: (now) => kubernetesStore(cluster, namespace, now),
      damage: async () => {
        for (const chunk of await secretsOf(namespace, 'chunk')) {
          await cluster.delete(refOf(chunk), { propagation: 'Background' }, never);
        }
      },
    };
  },
  { runs: 5 },
);

describe('on an API server', () => {
  it('a bundle’s Secrets are as small as they must be, and none is left after its collection', async () => {
    const namespace = await newNamespace();
    const store = kubernetesStore(cluster, namespace);
    await store.put(randomBytes(2_000_000), never);
    expect(await secretsOf(namespace, 'chunk')).toHaveLength(3);

    expect(await store.collect(0, never)).toBe(1);

    expect([...(await secretsOf(namespace, 'chunk')), ...(await secretsOf(namespace, 'bundle'))]).toEqual([]);
  });

  it('a store in a namespace that does not exist says how to make it', async () => {
    await expect(kubernetesStore(cluster, 'nowhere').put(randomBytes(1), never)).rejects.toThrow(
      'kubectl create namespace nowhere',
    );
  });
});
