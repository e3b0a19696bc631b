import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import type { IsRunning } from '../activities/record/sweep.ts';
import { sweepCluster } from '../activities/record/sweep.ts';
import { holderOf, workflowIdOf } from '../core/markers.ts';
import { describeRef } from '../core/objects.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { repeat } from './repetition.ts';

export { sweepCluster };

/** How often a worker looks for gated hooks whose sync is over, ms. */
const INTERVAL_MS = 60_000;

/**
 * Asks Temporal whether the workflow of an application is open. A sync of another Temporal counts as running, since this one
 * (`temporalId`) can't tell.
 */
export function runningInTemporal(client: Client, cluster: string, temporalId: string): IsRunning {
  return async ({ application, temporal }) => {
    if (temporal !== holderOf(temporalId, cluster, application)) return true;
    try {
      const { status } = await client.workflow.getHandle(workflowIdOf(cluster, application)).describe();
      return status.name === 'RUNNING' || status.name === 'PAUSED';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
}

/**
 * Sweeps the worker's clusters from time to time, so that hooks which a terminated sync created and never released do not
 * stay. Stops with the signal. A sweep that fails is logged and tried again the next time.
 */
export function startSweeping(
  clusters: readonly Cluster[],
  isRunningIn: (cluster: string) => IsRunning,
  log: Logger,
  signal: AbortSignal,
): void {
  const sweep = async (cluster: Cluster) => {
    try {
      const removed = await sweepCluster(cluster, isRunningIn(cluster.name), signal);
      for (const ref of removed)
        log.info({ cluster: cluster.name, object: describeRef(ref) }, 'removed a gated hook of a sync that is over');
    } catch (error) {
      if (!signal.aborted) log.warn({ cluster: cluster.name, err: error }, 'sweep failed');
    }
  };
  repeat({ intervalMs: INTERVAL_MS }, () => Promise.all(clusters.map(sweep)).then(() => undefined), signal);
}
