import { sleep } from '@temporalio/workflow';
import type { SyncRequest } from '../core/sync/request.ts';
import type { PlanAnswer } from './activities.ts';
import type { SyncTracker } from './sync-state.ts';

/** A window that opens later than this after the request is not waited for, ms. */
const LONGEST_WAIT_MS = 7 * 24 * 3_600_000;

/** Clocks differ: what is to be open already is asked again only after so long, ms. */
const LEAST_WAIT_MS = 1_000;

/** Plans; where a window holds the sync back and the request says so, waits until it opens and plans then. */
export async function planOnceOpen(
  { options, requestedAt }: SyncRequest,
  tracker: SyncTracker,
  plan: () => Promise<PlanAnswer>,
): Promise<PlanAnswer> {
  for (;;) {
    const answer = await plan();
    if (answer.kind === 'planned' || answer.opensAt === undefined || options.ifClosed !== 'wait') return answer;
    if (answer.opensAt - requestedAt > LONGEST_WAIT_MS) return answer;
    tracker.warned(answer.failures.map(({ message }) => `It waits: ${message}.`));
    await sleep(Math.max(LEAST_WAIT_MS, answer.opensAt - Date.now()), { summary: 'until its window opens' });
  }
}
