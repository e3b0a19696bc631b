import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/client';
import type { Failure } from '../../core/failures.ts';
import type { SyncOutcome, SyncResult, SyncStatus } from '../../core/sync/status.ts';
import type { Termination } from './recorded-sync.ts';

/** The result that stands in the error of a sync that closed without success; undefined where it closed without one. */
export function resultIn(error: WorkflowFailedError): SyncResult | undefined {
  const { cause } = error;
  const details = cause instanceof ApplicationFailure || cause instanceof CancelledFailure ? cause.details : undefined;
  const [first] = Array.isArray(details) ? (details as readonly unknown[]) : [];
  return isResult(first) ? first : undefined;
}

function isResult(value: unknown): value is SyncResult {
  return typeof value === 'object' && value !== null && 'outcome' in value && 'phases' in value;
}

/** How a sync ended that Temporal closed by force, so that it could not say so itself, with what helps now. `terminated` is what Temporal was told. */
export function endingOf(
  { application, plan }: Pick<SyncStatus, 'application' | 'plan'>,
  { cause, message }: WorkflowFailedError,
  terminated: Termination | undefined,
): { readonly outcome: SyncOutcome; readonly failure: Failure } {
  const onwards = plan === undefined ? 'sync again' : `go on with \`syncline retry ${application}\``;
  const remedy = `${onwards}, or clean up what it has left with \`syncline sweep ${application}\``;
  if (cause instanceof TerminatedFailure) {
    return {
      outcome: 'Aborted',
      failure: { type: 'Aborted', message: `the sync was ${terminationWords(terminated)}`, remedy },
    };
  }
  if (cause instanceof CancelledFailure) {
    return { outcome: 'Aborted', failure: { type: 'Aborted', message: 'the sync was cancelled in Temporal', remedy } };
  }
  if (cause instanceof TimeoutFailure) {
    const limit = 'Temporal’s own limit on the sync’s time is over';
    return { outcome: 'Failed', failure: { type: 'SyncTimedOut', message: limit, remedy } };
  }
  const why = `the sync’s workflow failed: ${cause?.message ?? message}`;
  return { outcome: 'Failed', failure: { type: 'ApplyFailed', message: why, remedy } };
}

/** What Temporal was told of a termination, in words: `terminated in Temporal by ann@laptop: by hand`. */
export function terminationWords(told: Termination | null | undefined): string {
  const by = told?.identity ? ` by ${told.identity}` : '';
  return `terminated in Temporal${by}${told?.reason ? `: ${told.reason}` : ''}`;
}
