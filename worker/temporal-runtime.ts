import type { ActivityCancellationDetails } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type { ActivityRuntime, StopCause } from '../activities/runtime.ts';
import type { Progress } from '../core/sync/progress.ts';

/** The runtime of the activity that is running now. */
export function temporalRuntime(): ActivityRuntime {
  const context = Context.current();
  const run = context.info.workflowExecution?.runId;
  const said = context.info.heartbeatDetails as Progress | undefined;
  if (run === undefined) throw new Error('an activity of a sync was started without a workflow');
  return {
    run,
    signal: context.cancellationSignal,
    stopCause: () => (context.cancellationSignal.aborted ? causeOf(context.cancellationDetails) : undefined),
    heartbeat: (progress) => context.heartbeat(progress),
    ...(said === undefined ? {} : { predecessor: said }),
    scheduledAt: context.info.scheduledTimestampMs,
    attemptScheduledAt: context.info.currentAttemptScheduledTimestampMs,
    now: () => Date.now(),
  };
}

/** Only a cancel that was asked for stops what the activity waits for; everything else leaves it to a successor. */
function causeOf(details: ActivityCancellationDetails | undefined): StopCause {
  const requested = details?.cancelRequested === true;
  const left = details?.notFound === true || details?.workerShutdown === true || details?.timedOut === true;
  return requested && !left ? 'requested' : 'left';
}
