import { failure } from '../core/failures.ts';
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
  /** The cluster of a name. Throws `InvalidRequest` for a name the configuration does not have. */
  get(name: string): Promise<Cluster>;
  /** All of them that have been opened so far. */
  opened(): readonly Cluster[];
  close(): Promise<void>;
}

/**
 * Opens the clusters of a worker. Two names for one cluster would make two locks for one application, so clusters are told
 * apart by the UID of their `kube-system` namespace, and a second name is an error.
 */
export async function openClusters(settings: readonly ClusterSetting[], signal: AbortSignal): Promise<ClusterRegistry> {
  const clusters = new Map<string, Cluster>();
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
  return {
    get: (name) => {
      const cluster = clusters.get(name);
      if (cluster !== undefined) return Promise.resolve(cluster);
      const names = [...clusters.keys()].join(', ');
      return Promise.reject(
        failure('InvalidRequest', `this worker has no cluster named ${name}; it has: ${names}`, {
          remedy: 'name one of these with --cluster, or start a worker with --cluster NAME=CONTEXT',
        }),
      );
    },
    opened: () => [...clusters.values()],
    close: async () => {
      await Promise.all([...clusters.values()].map((cluster) => cluster.close()));
    },
  };
}
