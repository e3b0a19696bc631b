import { SynclineError } from '../../core/failures.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { readHistory } from '../history/sync-history.ts';

/**
 * Throws `Superseded` for a rollback that follows a failed sync by itself where another sync of the application has run since: it would undo
 * that one, and nobody has asked for this.
 */
export async function refuseLateRollback(
  cluster: Pick<Cluster, 'get'>,
  request: SyncRequest,
  signal: AbortSignal,
): Promise<void> {
  const after = request.rollback?.after;
  if (after === undefined) return;
  const [latest] = (await readHistory(cluster, request, signal))?.entries ?? [];
  if (latest === undefined || latest.syncId === after || latest.syncId === request.syncId) return;
  throw new SynclineError([
    {
      type: 'Superseded',
      message: `the rollback of ${request.application} came too late: sync ${String(latest.number)} has run since the one that failed`,
    },
  ]);
}
