import type { WorkflowExecutionDescription, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/client';
import type { Failure } from '../core/failures.ts';
import type { SyncOutcome, SyncResult, SyncStatus } from '../core/sync/status.ts';

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

/** The result of a sync that Temporal closed by force (terminated, timed out), so that it could not say one: made from what is known of it. */
export function resultWithout(
  status: SyncStatus,
  error: WorkflowFailedError,
  description: WorkflowExecutionDescription,
): SyncResult {
  const ending = endingOf(status.application, error);
  return {
    ...status,
    state: ending.outcome === 'Aborted' ? 'aborted' : 'failed',
    outcome: ending.outcome,
    finishedAt: description.closeTime?.getTime() ?? status.startedAt,
    failures: [...status.failures, ending.failure],
    counts: { applied: 0, unchanged: 0, pruned: 0, hooks: 0 },
  };
}

function endingOf(
  application: string,
  error: WorkflowFailedError,
): { readonly outcome: SyncOutcome; readonly failure: Failure } {
  const { cause } = error;
  const remedy = `look at what is left with \`syncline resources ${application}\`, then sync again`;
  if (cause instanceof TerminatedFailure) {
    const why = cause.message === '' ? '' : `: ${cause.message}`;
    return {
      outcome: 'Aborted',
      failure: { type: 'Aborted', message: `the sync was terminated in Temporal${why}`, remedy },
    };
  }
  if (cause instanceof CancelledFailure) {
    return { outcome: 'Aborted', failure: { type: 'Aborted', message: 'the sync was cancelled in Temporal', remedy } };
  }
  if (cause instanceof TimeoutFailure) {
    return {
      outcome: 'Failed',
      failure: { type: 'SyncTimedOut', message: 'Temporal’s own limit on the sync’s time is over', remedy },
    };
  }
  const message = cause?.message ?? error.message;
  return { outcome: 'Failed', failure: { type: 'ApplyFailed', message: `the sync’s workflow failed: ${message}` } };
}
