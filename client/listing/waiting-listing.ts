import type { SyncStatus } from '../../core/sync/status.ts';
import type { SyncListing } from './sync-listing.ts';
import { answerIn } from '../connection/queries.ts';
import type { Temporal } from '../connection/temporal.ts';

/** A list is not to wait long for a worker that does not answer, ms. */
const QUERY_MS = 2_000;

/** The listing with the end of its wait, which only the sync itself knows. */
export async function withEndOfWait(
  temporal: Temporal,
  listing: SyncListing,
  signal: AbortSignal,
): Promise<SyncListing> {
  const { waits, workflowId, runId } = listing;
  if (waits === undefined) return listing;
  const status = await answerIn<SyncStatus>(temporal, { workflowId, runId }, 'status', QUERY_MS, signal);
  const until = status && endOfWait(status);
  return until === undefined ? listing : { ...listing, waits: { ...waits, until } };
}

function endOfWait({ window, hold, phases }: SyncStatus): number | undefined {
  if (window !== undefined) return window.opensAt;
  if (hold !== undefined) return hold.since + hold.deadlineMs;
  const gate = phases.flatMap(({ waves }) => waves).find(({ state }) => state === 'waiting')?.approval;
  return gate && gate.since + gate.deadlineMs;
}
