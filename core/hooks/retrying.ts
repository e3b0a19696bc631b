import type { Verdict } from '../record/record.ts';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3 * 60_000;

/** Whether another attempt may mend how one ended. What was lost may have done its work, and what was stopped was meant to be. */
export function mayBeRetried({ outcome, failure }: Verdict): boolean {
  return (
    outcome === 'failed' && (failure === undefined || failure.type === 'HookFailed' || failure.type === 'HookTimedOut')
  );
}

/** The pause in ms before the retry of this number, from 1: 5 s, then twice the one before, at most 3 min; Argo CD's backoff. */
export function pauseBefore(retry: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (retry - 1), LONGEST_PAUSE_MS);
}
