import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import type { Temporal } from './temporal.ts';
import { call } from './temporal.ts';

/** A worker that asks Temporal for work. */
export interface WorkerInfo {
  /** How it names itself: process and machine, unless it was given a name. */
  readonly identity: string;
  /** When it last asked, ms since 1970. */
  readonly lastSeenAt: number;
}

/** A worker asks at least once a minute; Temporal remembers the dead for five. */
const ALIVE_MS = 75_000;

/** The workers that poll for syncs. One that died within the last minute may still be among them. */
export async function pollingWorkers(temporal: Temporal, signal: AbortSignal): Promise<readonly WorkerInfo[]> {
  const { connection, namespace } = temporal;
  const answer = await call(temporal, { signal, timeoutMs: 5_000 }, () =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: SYNC_QUEUE },
    }),
  );
  return answer.pollers
    .map((poller) => ({
      identity: poller.identity ?? '',
      lastSeenAt: Number(poller.lastAccessTime?.seconds ?? 0) * 1000,
    }))
    .filter((worker) => Date.now() - worker.lastSeenAt < ALIVE_MS);
}
