import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import { failureSentence, phaseRecords } from '../core/history/history.ts';
import { skippedObjects } from '../core/sync/skip.ts';
import type { SyncOutcome, SyncResult, SyncStatus } from '../core/sync/status.ts';
import type { FinishInput, SyncActivities } from './activities.ts';
import { WORK_OPTIONS, stopOptions } from './activity-options.ts';
import type { Ended, InterruptibleScope } from './interruption.ts';
import { failureOfInterruption } from './interruption.ts';
import { mayFollowLeftHooks } from './left-hooks.ts';
import { stopLeftPhases } from './left-phases.ts';
import { runSyncFail } from './phases.ts';
import { withoutStack } from './refusal.ts';
import { followWithRollback } from './rollback.ts';
import type { RunningSync } from './running-sync.ts';
import { plannedSync } from './running-sync.ts';
import { changedAnything, standingHooks, wavesLeftOut } from './sync-state.ts';

/** How a sync came to its end, before it is concluded in the cluster. */
export interface Ending {
  readonly outcome: SyncOutcome;
  /** Whether the SyncFail hooks are due. */
  readonly alerts: boolean;
  /** Whether it was stopped, so that nobody is to wait long for a cluster that does not answer. */
  readonly hasty: boolean;
  /** Whether hooks that run are to be stopped, whoever began them. */
  readonly stops: boolean;
}

/** What the end of a sync's work makes of it. */
export function endingOf(sync: RunningSync, ended: Ended<SyncOutcome>): Ending {
  if (ended.kind === 'completed') {
    return {
      outcome: ended.value,
      alerts: ended.value === 'Failed',
      hasty: ended.value === 'Superseded',
      stops: false,
    };
  }
  const { application, options } = sync.request;
  const failure = failureOfInterruption(application, ended.by);
  const { failures } = sync.tracker.snapshot();
  // Its work may have come to the same end just before it was stopped.
  if (!failures.some(({ message }) => message === failure.message)) sync.tracker.failed([failure]);
  switch (ended.by.kind) {
    case 'timed-out':
      return { outcome: 'Failed', alerts: true, hasty: false, stops: true };
    case 'superseded':
      return { outcome: 'Superseded', alerts: false, hasty: true, stops: mayFollowLeftHooks() };
    case 'aborted':
      return { outcome: 'Aborted', alerts: options.syncFailOnAbort, hasty: true, stops: true };
  }
}

/** Ends a sync in the cluster: SyncFail hooks where they are due (stopped with `alerting`), last deletions, the record's release. */
export async function conclude(sync: RunningSync, ending: Ending, alerting: InterruptibleScope): Promise<SyncOutcome> {
  const { outcome, alerts, hasty, stops } = ending;
  const tookOver = stops && (await stopLeftPhases(sync));
  const { tracker, plan, activities } = sync;
  if (plan === undefined || activities === undefined) return outcome;
  if (alerts && changedAnything(tracker)) {
    const alerted = await alerting.run(() => runSyncFail(plannedSync(sync, plan, activities)));
    if (alerted.kind === 'interrupted')
      tracker.warned([
        `The SyncFail hooks were stopped: ${failureOfInterruption(sync.request.application, alerted.by).message}.`,
      ]);
  }
  const options = hasty ? stopOptions(sync.request) : WORK_OPTIONS;
  if (hasty) activities.hasten();
  const { finishSync } = proxyActivities<SyncActivities>({ ...options, summary: 'finish' });
  const hooks = standingHooks(plan.phases);
  const verify = outcome === 'Succeeded' && sync.request.deletion === undefined;
  const skipped = outcome === 'Succeeded' ? wavesLeftOut(tracker.snapshot()) : [];
  const leftOut = skipped.length === 0 ? {} : { leftOut: skipped };
  const changed = tookOver || changedAnything(tracker);
  const history = historyOf(tracker.snapshot());
  const input = { outcome, hooks, verify, changed, history, ...leftOut };
  const finished = await activities.ask((scope) => finishSync({ ...input, scope }));
  const back = 'rollback' in finished ? finished.rollback : undefined;
  if (back !== undefined) await followWithRollback(sync, back);
  if (finished.kind === 'done') {
    tracker.warned(finished.warnings);
    return outcome;
  }
  tracker.failed(finished.failures);
  return outcome === 'Succeeded' ? 'Failed' : outcome;
}

/** What the history keeps of a sync, beside what its request says. */
function historyOf({ startedAt, phases, failures }: SyncStatus): NonNullable<FinishInput['history']> {
  const skipped = skippedObjects(phases);
  return {
    startedAt,
    phases: phaseRecords(phases),
    ...failureSentence(failures),
    ...(skipped === 0 ? {} : { skipped }),
  };
}

/** Answers a success; anything else closes the workflow as failed, with the result as the failure's details. */
export function close(result: SyncResult): SyncResult {
  if (result.outcome === 'Succeeded') return result;
  const why = result.failures[0]?.message ?? `the sync of ${result.application} failed`;
  const type = result.outcome === 'Failed' ? 'SyncFailed' : result.outcome;
  throw withoutStack(ApplicationFailure.nonRetryable(why, type, result));
}
