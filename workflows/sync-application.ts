import { defineSearchAttributeKey } from '@temporalio/common';
import {
  CancellationScope,
  allHandlersFinished,
  condition,
  patched,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { SyncRequest } from '../core/sync/request.ts';
import { SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import type { SyncResult } from '../core/sync/status.ts';
import { announce } from './announcements.ts';
import { listenForDecisions } from './approvals.ts';
import { close, conclude, endingOf } from './conclusion.ts';
import { syncTable } from './details.ts';
import type { HoldDesk } from './hold.ts';
import { listenForOrders } from './hold.ts';
import { checkedRequest } from './input.ts';
import type { Deadline, Interruption } from './interruption.ts';
import { CANCELLED, interruptible } from './interruption.ts';
import { statusQuery, timelineQuery } from './messages.ts';
import { notesIn } from './noting.ts';
import { runToEnd } from './rounds.ts';
import type { RunningSync } from './running-sync.ts';
import { listenForAborts } from './stopping.ts';
import { listenForSupersession } from './supersession.ts';
import { trackSync } from './sync-state.ts';

const OUTCOME_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.outcome, 'KEYWORD');

/**
 * Syncs an application: plan, claim, phases, finish. Ends with the result; a sync that failed, was aborted or gave way to
 * another closes as failed, with the result as the failure's details.
 */
export async function syncApplication(input: SyncRequest): Promise<SyncResult> {
  const request = checkedRequest(input);
  const announcements = announce(request);
  const tracker = trackSync(request, Date.now(), (status) => {
    setCurrentDetails(syncTable(status));
    announcements.changed(status);
  });
  announcements.changed(tracker.snapshot());
  const working = interruptible();
  const alerting = interruptible();
  const stop = (by: Interruption) =>
    working.interrupt(by) || (alerting.isRunning() && patched('alerts-can-be-stopped') && alerting.interrupt(by));
  // What runs in the end is shielded from a cancellation in Temporal, since it follows one, too: a later one stops it here.
  CancellationScope.current().cancelRequested.catch(() => stop(CANCELLED));
  // Every handler is registered before the first wait.
  setHandler(statusQuery, () => tracker.snapshot());
  setHandler(timelineQuery, (from) => tracker.timeline(from ?? 0));
  const note = notesIn(tracker);
  listenForAborts(stop, note);
  const givingWay = listenForSupersession(request, tracker, stop, note);
  const desk = listenForOrders(request, tracker, () => givingWay.to() !== undefined, note);
  const approvals = listenForDecisions(request, tracker, note);
  const sync: RunningSync = { request, tracker, announcements, approvals, desk, givingWay, round: 1, since: 1 };
  const ended = await working.run(() => runToEnd(sync), deadlineOf(request, desk));
  const outcome = await CancellationScope.nonCancellable(() => conclude(sync, endingOf(sync, ended), alerting));
  const result = tracker.result(outcome, Date.now());
  if (request.indexed) upsertSearchAttributes([{ key: OUTCOME_KEY, value: outcome }]);
  // After a cancel in Temporal the root scope is cancelled for good, and the result must still be told.
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  await CancellationScope.nonCancellable(() => announcements.made());
  return close(result);
}

/** The whole sync's deadline counts from the request, so that a reset does not begin it anew. */
function deadlineOf({ options, requestedAt }: SyncRequest, holds: HoldDesk): Deadline | undefined {
  const { timeoutMs } = options;
  return timeoutMs === undefined
    ? undefined
    : { limitMs: timeoutMs, leftMs: requestedAt + timeoutMs - Date.now(), holds };
}
