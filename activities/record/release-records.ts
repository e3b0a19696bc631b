import { abandoned } from '../../core/record/transitions.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { listRecords, openRecord } from './record-store.ts';
import type { IsRunning } from './forsaken-hook.ts';

/** A record that was held by a sync which is over. */
export interface ReleasedRecord {
  readonly application: string;
  readonly namespace: string;
  readonly syncId: string;
}

/**
 * Lets go of the records that are held by syncs which are over: one was terminated, or a slow attempt of its claim came after
 * its end. Another Temporal would be refused until then. Nothing that such a sync still does is let through, since its epoch
 * has no holder any more. Answers what was released.
 */
export async function releaseRecords(
  cluster: Pick<Cluster, 'get' | 'list' | 'create' | 'replace' | 'delete'>,
  isRunning: IsRunning,
  signal: AbortSignal,
  only?: string,
): Promise<readonly ReleasedRecord[]> {
  const all: ReleasedRecord[] = [];
  for (const { record, namespace } of await listRecords(cluster, signal)) {
    const { application, holder, epoch } = record;
    if (holder === null || (only !== undefined && application !== only)) continue;
    const { syncId, temporal } = holder;
    if (await isRunning({ application, syncId, temporal }, signal)) continue;
    const written = await openRecord(cluster, { application, namespace }).update(
      (known) => (known?.epoch === epoch && known.holder !== null ? abandoned(known) : undefined),
      signal,
    );
    if (written !== undefined) all.push({ application, namespace, syncId });
  }
  return all;
}
