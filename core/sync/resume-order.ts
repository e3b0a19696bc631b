import type { Message } from './message-fields.ts';
import { textIn } from './message-fields.ts';
import { formatPlace, parsePlace } from './plan-place.ts';
import type { Resumption } from './resumption.ts';

/** How a failed sync is to go on, as it comes in a message. At most one of `from`, `only` and `restart`. */
export interface RetryRequest {
  readonly by: string;
  readonly reason?: string;
  /** Everything from a place on: `PHASE` or `PHASE:WAVE`. */
  readonly from?: string;
  /** One step alone. */
  readonly only?: string;
  /** Everything. */
  readonly restart?: boolean;
}

/** A step to be passed over, as it comes in a message. */
export interface SkipRequest {
  readonly by: string;
  readonly reason: string;
  readonly step: string;
}

/** What somebody has asked for, read. */
export interface Order {
  readonly by: string;
  readonly reason?: string;
  /** How the sync goes on; `at` is when it was decided, ms since 1970. */
  resumption(at: number): Resumption;
}

/** The order in what could be read of a message of somebody (`by`): answers what it lacks, as a clause, where there is none. */
export function orderIn(verb: 'retry' | 'skip', message: Message, by: string): Order | string {
  const reason = textIn(message, 'reason');
  const who = { by, ...(reason === undefined ? {} : { reason }) };
  if (verb === 'retry') {
    const resumption = resumptionOf(message);
    return typeof resumption === 'string' ? resumption : { ...who, resumption: () => resumption };
  }
  const step = textIn(message, 'step');
  if (step === undefined) return 'skip needs `step`: which one';
  if (reason === undefined) return 'skip needs `reason`: why';
  return { ...who, resumption: (at) => ({ kind: 'skip', step, skip: { ...who, at } }) };
}

/** What an order does, for the record: `retried from PreSync:0`. */
export function wordsOf(order: Order): string {
  const resumption = order.resumption(0);
  switch (resumption.kind) {
    case 'failed-step':
      return 'retried at the failed step';
    case 'skip':
      return `skipped ${resumption.step}`;
    case 'from':
      return `retried from ${formatPlace(resumption.place)}`;
    case 'only':
      return `retried ${resumption.step} alone`;
    case 'restart':
      return 'restarted';
  }
}

function resumptionOf(message: Message): Resumption | string {
  const from = textIn(message, 'from');
  const only = textIn(message, 'only');
  const restart = message.fields['restart'] === true;
  if ([from !== undefined, only !== undefined, restart].filter(Boolean).length > 1) {
    return 'retry takes one of `from`, `only` and `restart`';
  }
  if (restart) return { kind: 'restart' };
  if (only !== undefined) return { kind: 'only', step: only };
  if (from === undefined) return { kind: 'failed-step' };
  const place = parsePlace(from);
  if (place === undefined)
    return `${JSON.stringify(from)} is no place in a plan: write PHASE or PHASE:WAVE, e.g. PreSync:0`;
  return { kind: 'from', place };
}
