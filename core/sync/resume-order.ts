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

/** Reads a message. Messages come from anyone, Temporal's UI among them: answers what is wrong with it, as a clause, where it can't be read. */
export function orderFrom(verb: 'retry' | 'skip', asked: unknown): Order | string {
  const given: Readonly<Record<string, unknown>> = typeof asked === 'object' && asked !== null ? { ...asked } : {};
  const by = textOf(given['by']);
  const reason = textOf(given['reason']);
  if (by === undefined) return `${verb} needs \`by\`: who asks for it`;
  const who = { by, ...(reason === undefined ? {} : { reason }) };
  if (verb === 'retry') {
    const resumption = resumptionOf(given);
    return typeof resumption === 'string' ? resumption : { ...who, resumption: () => resumption };
  }
  const step = textOf(given['step']);
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

function resumptionOf(given: Readonly<Record<string, unknown>>): Resumption | string {
  const from = textOf(given['from']);
  const only = textOf(given['only']);
  const restart = given['restart'] === true;
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

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
