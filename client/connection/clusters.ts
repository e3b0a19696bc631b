import type { Cluster } from '../../kubernetes/cluster.ts';

/** Opens a cluster by the name it has in the worker's configuration; undefined, or an error, where that can't be done here. */
export type OpenCluster = (name: string) => Promise<Cluster | undefined>;

/** The clusters that a client reads live logs and events from, each opened when it is first asked for. */
export interface Clusters {
  /** The cluster of a name; undefined where it can't be opened from here. */
  of(name: string): Promise<Cluster | undefined>;
  /** Closes those that were opened. */
  close(): Promise<void>;
}

/** Keeps what was opened; one that could not be opened is tried again when it is asked for again. */
export function clustersOf(open: OpenCluster | undefined): Clusters {
  const opened = new Map<string, Promise<Cluster | undefined>>();
  return {
    of: async (name) => {
      if (open === undefined) return undefined;
      const found = opened.get(name) ?? open(name).catch(() => undefined);
      opened.set(name, found);
      const cluster = await found;
      if (cluster === undefined) opened.delete(name);
      return cluster;
    },
    close: async () => {
      const all = [...opened.values()];
      opened.clear();
      await Promise.all(all.map(async (cluster) => (await cluster)?.close()));
    },
  };
}
