import type { FailureType } from '../failures.ts';
import type { Verdict } from '../record/record.ts';

/** The pause in ms before a hook's first retry, where nothing else is asked for; Argo CD's. */
export const DEFAULT_RETRY_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3 * 60_000;

/** Failures that another attempt may mend. What was lost may have done its work. */
const MENDABLE: ReadonlySet<FailureType> = new Set(['HookFailed', 'HookTimedOut', 'HookStuck']);

/** Whether another attempt may mend how one ended; what was stopped with its sync was meant to be. */
export function mayBeRetried({ outcome, failure }: Verdict): boolean {
  return outcome === 'failed' && (failure === undefined || MENDABLE.has(failure.type));
}

/** The pause in ms before the retry of this number, from 1: the first one's, then twice the one before, at most 3 min; Argo CD's backoff. */
export function pauseBefore(retry: number, firstMs: number): number {
  return Math.min(firstMs * 2 ** (retry - 1), LONGEST_PAUSE_MS);
}
