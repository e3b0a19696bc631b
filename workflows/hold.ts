import { condition, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { DEFAULT_HOLD_MS } from '../core/deadlines.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { Remainder } from '../core/sync/resumption.ts';
import { resume } from '../core/sync/resumption.ts';
import type { Order } from '../core/sync/resume-order.ts';
import { orderFrom, wordsOf } from '../core/sync/resume-order.ts';
import { HOLDING, SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import type { Intervention, SyncStatus } from '../core/sync/status.ts';
import type { Accepted } from './messages.ts';
import { DESCRIPTIONS, retrySignal, retryUpdate, skipSignal, skipUpdate } from './messages.ts';
import { refusal } from './refusal.ts';
import type { SyncTracker } from './sync-state.ts';

/** How a failed sync goes on: what remains, and who has decided it. */
export interface Decided {
  readonly remainder: Remainder;
  readonly intervention: Intervention;
}

/** The root's side of a hold: it takes `retry` and `skip` while the sync holds, and refuses them otherwise. */
export interface HoldDesk {
  /** Waits for a decision. Undefined when nobody has decided in time, or a newer sync wants its turn. */
  hold(): Promise<Decided | undefined>;
  /** How long the sync has held so far, ms: time that is not its own. */
  heldMs(): number;
  /** Resolves once the sync does not hold (any more). */
  over(): Promise<void>;
}

const PHASE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.phase, 'KEYWORD');

/** Registers the handlers of `retry` and `skip`, each as an update and as a signal. A hold ends at once where the sync gives way to another. */
export function listenForOrders(request: SyncRequest, tracker: SyncTracker, isGivingWay: () => boolean): HoldDesk {
  let since: number | undefined;
  let decided: Decided | undefined;
  let before = 0;
  const desk: Desk = {
    consider: (order) => {
      if (since === undefined) return `the sync does not hold: it is ${tracker.snapshot().state}`;
      if (decided === undefined) return decisionOn(order, tracker.snapshot());
      return `${decided.intervention.by} has decided already: ${decided.intervention.what}`;
    },
    take: (decision) => {
      decided = decision;
    },
    warn: (text) => tracker.warned([text]),
  };
  listenFor('retry', desk);
  listenFor('skip', desk);
  return {
    async hold() {
      const deadlineMs = request.options.holdForMs ?? DEFAULT_HOLD_MS;
      since = Date.now();
      decided = undefined;
      tracker.holding({ since, deadlineMs });
      if (request.indexed) upsertSearchAttributes([{ key: PHASE_KEY, value: HOLDING }]);
      try {
        await condition(() => decided !== undefined || isGivingWay(), deadlineMs, { summary: 'deadline of the hold' });
        return decided;
      } finally {
        before += Date.now() - since;
        since = undefined;
        tracker.holding(undefined);
      }
    },
    over: () => condition(() => since === undefined),
    heldMs: () => before + (since === undefined ? 0 : Date.now() - since),
  };
}

/** What an order makes of the sync, or why it can't be followed. */
function decisionOn(order: Order, status: SyncStatus): Decided | string {
  const { by, reason } = order;
  const at = Date.now();
  const resumed = resume(status.phases, order.resumption(at));
  if (resumed.kind === 'refused') return resumed.why;
  const intervention = { what: wordsOf(order), by, ...(reason === undefined ? {} : { reason }), at };
  return { remainder: { phases: resumed.phases, again: resumed.again, leftOut: resumed.leftOut }, intervention };
}

interface Desk {
  /** What an order makes of the sync, or why it can't be followed now. */
  consider(order: Order): Decided | string;
  take(decision: Decided): void;
  warn(text: string): void;
}

function listenFor(verb: 'retry' | 'skip', desk: Desk): void {
  const [update, signal] = verb === 'retry' ? [retryUpdate, retrySignal] : [skipUpdate, skipSignal];
  setHandler(
    update,
    (asked: unknown): Accepted => {
      // Another order may have come between the validator and here.
      desk.take(considered(verb, asked, desk));
      return { accepted: true };
    },
    {
      validator: (asked: unknown) => {
        considered(verb, asked, desk);
      },
      description: DESCRIPTIONS[verb],
    },
  );
  const heed = (asked: unknown): void => {
    // Temporal's UI sends whatever is typed: what a signal lacks is filled in, and what can't be taken is shown.
    const order = orderFrom(verb, { by: 'a signal', ...(typeof asked === 'object' ? asked : {}) });
    const decision = typeof order === 'string' ? order : desk.consider(order);
    if (typeof decision === 'string') desk.warn(`A signal (${verb}) was not taken: ${decision}.`);
    else desk.take(decision);
  };
  setHandler(signal, heed, { description: DESCRIPTIONS[verb] });
}

function considered(verb: 'retry' | 'skip', asked: unknown, desk: Desk): Decided {
  const order = orderFrom(verb, asked);
  const decision = typeof order === 'string' ? order : desk.consider(order);
  if (typeof decision === 'string') throw refusal(decision);
  return decision;
}
