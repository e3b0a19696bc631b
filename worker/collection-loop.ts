import type { Logger } from 'pino';
import type { Collection } from '../activities/collection/collect-garbage.ts';
import { collectGarbage } from '../activities/collection/collect-garbage.ts';
import { turnReference } from '../core/retention/references.ts';
import { repeat } from './repetition.ts';

export type { Collection, CollectionReport, Judged } from '../activities/collection/collect-garbage.ts';
export { collectGarbage };

const HOUR_MS = 3_600_000;

/** How often the workers of one Temporal collect together, and after what pause a worker first looks whether it is its turn. */
const INTERVAL_MS = HOUR_MS;
const FIRST_MS = HOUR_MS / 6;
const JITTER = 0.5;

/**
 * Collects garbage in the store from time to time, one worker at a time: whoever begins leaves a mark, and the others wait
 * for their next turn. Two that begin in the same moment do the work twice, and no harm. A collection that fails is logged and
 * tried again the next time.
 */
export function startCollecting(collection: Omit<Collection, 'dryRun'>, log: Logger, signal: AbortSignal): void {
  const collect = async () => {
    try {
      if (await isTurn(collection, signal)) await collectAndLog(collection, log, signal);
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'garbage collection failed');
    }
  };
  repeat({ intervalMs: INTERVAL_MS, firstMs: FIRST_MS, jitter: JITTER }, collect, signal);
}

/** Takes the turn, unless another worker has taken it in this interval. */
export async function isTurn(
  { store, owner, now }: Pick<Collection, 'store' | 'owner' | 'now'>,
  signal: AbortSignal,
): Promise<boolean> {
  const last = await store.reference(turnReference(owner), signal);
  if (last !== undefined && now() - last.writtenAt < INTERVAL_MS * (1 - JITTER)) return false;
  await store.refer(turnReference(owner), [], signal);
  return true;
}

async function collectAndLog(collection: Omit<Collection, 'dryRun'>, log: Logger, signal: AbortSignal): Promise<void> {
  const { released, kept, bundles, warnings } = await collectGarbage({ ...collection, dryRun: false }, signal);
  for (const warning of warnings) log.warn({ warning }, 'garbage collection');
  if (released.length > 0 || bundles > 0) {
    log.info({ released: released.length, kept: kept.length, bundles }, 'collected garbage');
  }
}
