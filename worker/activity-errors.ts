import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { mayPass, remedyOfRefusal } from '../activities/failures.ts';
import type { ActivityRuntime } from '../activities/runtime.ts';
import { SynclineError } from '../core/failures.ts';
import { ApiError, ConnectionError } from '../kubernetes/errors.ts';
import type { Failed } from '../workflows/activities.ts';

/**
 * The one place where what an activity throws becomes what Temporal sees: a stop as cancellation, a failure the user can
 * mend as an answer, anything else as a retryable failure of the catalogue.
 */
export function answerOrThrow(error: unknown, runtime: ActivityRuntime): Failed {
  const cause = runtime.stopCause();
  if (cause === 'requested') throw new CancelledFailure('the activity was cancelled');
  if (cause === 'left')
    throw ApplicationFailure.retryable('this attempt was stopped; the next one goes on', 'AttemptLeft');
  if (error instanceof SynclineError && !mayPass(error)) return { kind: 'failed', failures: error.failures };
  if (error instanceof SynclineError) throw ApplicationFailure.retryable(error.message, error.type);
  if (error instanceof ConnectionError) throw ApplicationFailure.retryable(error.message, 'ClusterUnavailable');
  if (error instanceof ApiError) return ofApi(error);
  throw error;
}

function ofApi(error: ApiError): Failed {
  if (error.code === 401 || error.code === 403) {
    const unknown = { remedy: "check the credentials of the worker's kubeconfig or service account" };
    const help = error.code === 401 ? unknown : remedyOfRefusal(error);
    return { kind: 'failed', failures: [{ type: 'Forbidden', message: error.message, ...help }] };
  }
  const delay = error.retryAfterSeconds;
  throw ApplicationFailure.create({
    message: error.message,
    type: 'ClusterUnavailable',
    ...(delay === undefined ? {} : { nextRetryDelay: delay * 1000 }),
  });
}
