import { condition, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { DEFAULT_HOLD_MS } from '../core/deadlines.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { Remainder } from '../core/sync/resumption.ts';
import { resume } from '../core/sync/resumption.ts';
import type { Message } from '../core/sync/message-fields.ts';
import { textIn } from '../core/sync/message-fields.ts';
import type { Order } from '../core/sync/resume-order.ts';
import { orderIn, wordsOf } from '../core/sync/resume-order.ts';
import { HOLDING, SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import type { Intervention, SyncStatus } from '../core/sync/status.ts';
import { listenFor } from './commands.ts';
import { retrySignal, retryUpdate, skipSignal, skipUpdate } from './messages.ts';
import { whereItStands } from '../core/sync/whereabouts.ts';
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

/** Listens for `retry` and `skip`; `note` tells of a signal that was not taken. A hold ends at once where the sync gives way to another. */
export function listenForOrders(
  request: SyncRequest,
  tracker: SyncTracker,
  isGivingWay: () => boolean,
  note: (sentence: string) => void,
): HoldDesk {
  let since: number | undefined;
  let decided: Decided | undefined;
  let before = 0;
  const desk: Desk = {
    consider: (order) => {
      if (since === undefined) return `the sync does not hold: ${whereItStands(tracker.snapshot())}`;
      if (decided === undefined) return decisionOn(order, tracker.snapshot());
      return `${decided.intervention.by} has decided already: ${decided.intervention.what}`;
    },
    take: (decision) => {
      decided = decision;
    },
  };
  listenTo(desk, note);
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
}

function listenTo(desk: Desk, note: (sentence: string) => void): void {
  listenFor({ ...takenBy(desk, 'retry'), update: retryUpdate, signal: retrySignal }, note);
  listenFor({ ...takenBy(desk, 'skip'), update: skipUpdate, signal: skipSignal }, note);
}

/** How a desk takes an order. */
function takenBy(desk: Desk, verb: 'retry' | 'skip') {
  const considered = (message: Message, by: string): Decided | string => {
    const order = orderIn(verb, message, by);
    return typeof order === 'string' ? order : desk.consider(order);
  };
  return {
    verb,
    refuses: (message: Message) => {
      const decision = considered(message, textIn(message, 'by') ?? '');
      return typeof decision === 'string' ? decision : undefined;
    },
    take: (message: Message & { readonly by: string }) => {
      const decision = considered(message, message.by);
      if (typeof decision === 'string') return decision;
      desk.take(decision);
      return undefined;
    },
  };
}
