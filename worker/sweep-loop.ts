import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { IsRunning } from '../activities/record/forsaken-hook.ts';
import type { ReleasedRecord } from '../activities/record/release-records.ts';
import { releaseRecords } from '../activities/record/release-records.ts';
import { sweepCluster } from '../activities/record/sweep.ts';
import { describeRef } from '../core/objects.ts';
import { isUnderWay } from '../core/record/under-way.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { openRun } from './open-run.ts';
import { repeat } from './repetition.ts';

export type { IsRunning, ReleasedRecord };
export { releaseRecords, sweepCluster };

/** How often a worker looks for what syncs have left that are over, ms. */
const INTERVAL_MS = 60_000;

/** Asks Temporal whether a sync is under way. `temporalId` is the ID of its namespace. */
export function runningInTemporal(client: Client, cluster: string, temporalId: string): IsRunning {
  const isOpenId = async (workflowId: string) => (await openRun(client, workflowId)) !== undefined;
  return (sync) => isUnderWay({ ...sync, cluster }, temporalId, isOpenId);
}

/**
 * Sweeps the worker's clusters from time to time, so that hooks which a terminated sync created and never released, and
 * records that it held, do not stay. Stops with the signal. A sweep that fails is logged and tried again the next time.
 */
export function startSweeping(
  clusters: readonly Cluster[],
  isRunningIn: (cluster: string) => IsRunning,
  log: Logger,
  signal: AbortSignal,
): void {
  const sweep = async (cluster: Cluster) => {
    try {
      const isRunning = isRunningIn(cluster.name);
      for (const ref of await sweepCluster(cluster, isRunning, signal))
        log.info({ cluster: cluster.name, object: describeRef(ref) }, 'removed a gated hook of a sync that is over');
      for (const record of await releaseRecords(cluster, isRunning, signal))
        log.info({ cluster: cluster.name, ...record }, 'released a record whose sync is over');
    } catch (error) {
      if (!signal.aborted) log.warn({ cluster: cluster.name, err: error }, 'sweep failed');
    }
  };
  repeat({ intervalMs: INTERVAL_MS }, () => Promise.all(clusters.map(sweep)).then(() => undefined), signal);
}
