import type { AccountPolicy, ActingSync } from '../core/accounts/account.ts';
import { accountRefusal } from '../core/accounts/account.ts';
import { failure } from '../core/failures.ts';
import type { ImpersonatingCluster } from '../kubernetes/api-cluster.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { clusterUid, loadCluster } from '../kubernetes/kubeconfig.ts';

/** A cluster as a worker's configuration names it. */
export interface ClusterSetting {
  readonly name: string;
  /** Path of a kubeconfig; absent = the usual places (KUBECONFIG, the home folder, in-cluster credentials). */
  readonly kubeconfigPath?: string;
  /** A context of it; absent = its current one. */
  readonly context?: string;
}

/** The clusters of a worker, by name. */
export interface ClusterRegistry {
  /**
   * The cluster of a name; for a sync, as the account that it acts as. Throws `InvalidRequest` for a name the configuration
   * does not have, and `Forbidden` for an account that the policy does not allow.
   */
  readonly get: (name: string, sync?: ActingSync) => Promise<Cluster>;
  /** All of them that have been opened so far. */
  opened(): readonly Cluster[];
  close(): Promise<void>;
}

/**
 * Opens the clusters of a worker. Two names for one cluster would make two locks for one application, so clusters are told
 * apart by the UID of their `kube-system` namespace, and a second name is an error.
 */
export async function openClusters(
  settings: readonly ClusterSetting[],
  policy: AccountPolicy,
  signal: AbortSignal,
): Promise<ClusterRegistry> {
  const clusters = new Map<string, ImpersonatingCluster>();
  const byUid = new Map<string, string>();
  for (const setting of settings) {
    const cluster = await loadCluster(setting);
    clusters.set(setting.name, cluster);
    const uid = await clusterUid(cluster, signal);
    const twin = byUid.get(uid);
    if (twin !== undefined) {
      throw failure('InvalidRequest', `the clusters ${twin} and ${setting.name} are one cluster (${cluster.server})`, {
        remedy: 'give each cluster one name: the name is part of the lock of its applications',
      });
    }
    byUid.set(uid, setting.name);
  }
  const find = (name: string, sync?: ActingSync): Cluster => {
    const cluster = clusters.get(name);
    if (cluster === undefined) throw unknownCluster(name, [...clusters.keys()]);
    return sync === undefined ? cluster : actingFor(cluster, policy, sync);
  };
  return {
    get: (name, sync) => new Promise((resolve) => resolve(find(name, sync))),
    opened: () => [...clusters.values()],
    close: async () => {
      await Promise.all([...clusters.values()].map((cluster) => cluster.close()));
    },
  };
}

function actingFor(cluster: ImpersonatingCluster, policy: AccountPolicy, sync: ActingSync): Cluster {
  const refusal = accountRefusal(policy, sync);
  if (refusal !== undefined) {
    const remedy = 'name another account with --as, or let the worker allow it with --allow-as';
    throw failure('Forbidden', refusal, { remedy });
  }
  const account = sync.options.as;
  return account === undefined ? cluster : cluster.as(account);
}

function unknownCluster(name: string, known: readonly string[]): Error {
  return failure('InvalidRequest', `this worker has no cluster named ${name}; it has: ${known.join(', ')}`, {
    remedy: 'name one of these with --cluster, or start a worker with --cluster NAME=CONTEXT',
  });
}
