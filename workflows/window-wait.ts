import { defineSearchAttributeKey } from '@temporalio/common';
import { patched, sleep, upsertSearchAttributes } from '@temporalio/workflow';
import type { SyncRequest } from '../core/sync/request.ts';
import { AWAITING_WINDOW, SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import type { PlanAnswer } from './activities.ts';
import type { SyncTracker } from './sync-state.ts';

/** A window that opens later than this after the request is not waited for, ms. */
const LONGEST_WAIT_MS = 7 * 24 * 3_600_000;

/** Clocks differ: what is to be open already is asked again only after so long, ms. */
const LEAST_WAIT_MS = 1_000;

const PHASE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.phase, 'KEYWORD');

/** Plans; where a window holds the sync back and the request says so, waits until it opens and plans then. */
export async function planOnceOpen(
  request: SyncRequest,
  tracker: SyncTracker,
  plan: () => Promise<PlanAnswer>,
): Promise<PlanAnswer> {
  const { options, requestedAt } = request;
  for (;;) {
    const answer = await plan();
    if (answer.kind === 'planned' || answer.opensAt === undefined || options.ifClosed !== 'wait') return answer;
    if (answer.opensAt - requestedAt > LONGEST_WAIT_MS) return answer;
    tracker.warned(answer.failures.map(({ message }) => `It waits: ${message}.`));
    await opening(request, tracker, answer.opensAt, answer.failures[0]?.message ?? 'a window is closed');
  }
}

/** Waits until a window opens, and shows meanwhile that it does. */
async function opening(request: SyncRequest, tracker: SyncTracker, opensAt: number, why: string): Promise<void> {
  tracker.heldBack({ opensAt, why });
  const isShown = request.indexed && patched('a-window-is-shown');
  if (isShown) upsertSearchAttributes([{ key: PHASE_KEY, value: AWAITING_WINDOW }]);
  try {
    await sleep(Math.max(LEAST_WAIT_MS, opensAt - Date.now()), { summary: 'until its window opens' });
  } finally {
    tracker.heldBack(undefined);
    if (isShown) upsertSearchAttributes([{ key: PHASE_KEY, value: null }]);
  }
}
