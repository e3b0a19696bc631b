import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Failure } from '../core/failures.ts';
import type { CompactPlan } from '../core/sync/compact-plan.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import type { SyncOutcome, SyncResult } from '../core/sync/status.ts';
import type { SyncActivities } from './activities.ts';
import { WORK_OPTIONS } from './activity-options.ts';
import { syncTable } from './details.ts';
import type { Approvals } from './approvals.ts';
import { listenForDecisions } from './approvals.ts';
import type { FailureType } from '../core/failures.ts';
import type { Remainder } from '../core/sync/resumption.ts';
import type { Intervention } from '../core/sync/status.ts';
import type { HoldDesk } from './hold.ts';
import { listenForOrders } from './hold.ts';
import type { PlannedSync } from './phases.ts';
import type { FencedActivities } from './fenced-activities.ts';
import { attempt, fencedActivities } from './fenced-activities.ts';
import type { Deadline, Ended, InterruptibleScope } from './interruption.ts';
import { failureOfInterruption, interruptible } from './interruption.ts';
import type { AbortRequest, Accepted } from './messages.ts';
import { DESCRIPTIONS, abortSignal, abortUpdate, statusQuery } from './messages.ts';
import { runPlannedPhases, runSyncFail } from './phases.ts';
import { refusal, withoutStack } from './refusal.ts';
import type { SyncTracker } from './sync-state.ts';
import { changedAnything, standingHooks, trackSync, wavesLeftOut } from './sync-state.ts';

/**
 * Syncs an application: plan, claim, phases, finish. Ends with the result; a sync that failed or was aborted closes as
 * failed, with the result as the failure's details.
 */
export async function syncApplication(request: SyncRequest): Promise<SyncResult> {
  const tracker = trackSync(request, Date.now(), (status) => setCurrentDetails(syncTable(status)));
  const scope = interruptible();
  listen(tracker, scope);
  const desk = listenForOrders(request, tracker);
  const sync: RunningSync = {
    request,
    tracker,
    approvals: listenForDecisions(request, tracker),
    desk,
    round: 1,
    since: 1,
  };
  const ended = await scope.run(() => runToEnd(sync), deadlineOf(request, desk));
  const outcome = await CancellationScope.nonCancellable(() => conclude(sync, endingOf(sync, ended)));
  const result = tracker.result(outcome, Date.now());
  if (request.indexed) upsertSearchAttributes([{ key: OUTCOME_KEY, value: outcome }]);
  // After a cancel in Temporal the root scope is cancelled for good, and the result must still be told.
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return close(result);
}

/** The whole sync's deadline counts from the request, so that a reset does not begin it anew. */
function deadlineOf({ options, requestedAt }: SyncRequest, holds: HoldDesk): Deadline | undefined {
  const { timeoutMs } = options;
  return timeoutMs === undefined
    ? undefined
    : { limitMs: timeoutMs, leftMs: requestedAt + timeoutMs - Date.now(), holds };
}

const OUTCOME_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.outcome, 'KEYWORD');

/** A sync on its way; plan and fence are there once it has come so far. */
interface RunningSync {
  readonly request: SyncRequest;
  readonly tracker: SyncTracker;
  readonly approvals: Approvals;
  readonly desk: HoldDesk;
  /** The round from 1, and the first one whose successes count. */
  round: number;
  since: number;
  plan?: CompactPlan;
  activities?: FencedActivities;
}

/** Registers every handler before the first wait. */
function listen(tracker: SyncTracker, scope: InterruptibleScope): void {
  setHandler(statusQuery, () => tracker.snapshot());
  const abort = ({ by, reason }: AbortRequest) =>
    scope.interrupt({ kind: 'aborted', by, ...(reason === undefined ? {} : { reason }) });
  setHandler(
    abortUpdate,
    (asked): Accepted => {
      abort(asked);
      return { accepted: true };
    },
    {
      validator: (asked) => {
        // Messages come from anyone: what they hold is known only once it is looked at.
        const by: unknown = (asked as Partial<AbortRequest> | undefined)?.by;
        if (typeof by !== 'string' || by === '') {
          throw refusal('abort needs `by`: who asks for it');
        }
      },
      description: DESCRIPTIONS.abort,
    },
  );
  const heed = (asked: unknown): void => {
    // Temporal's UI sends whatever is typed: a signal can't be refused, so what it lacks is filled in.
    const { by, reason } = (asked ?? {}) as Partial<Readonly<Record<string, unknown>>>;
    abort({
      by: typeof by === 'string' && by !== '' ? by : 'a signal',
      ...(typeof reason === 'string' ? { reason } : {}),
    });
  };
  setHandler(abortSignal, heed, { description: DESCRIPTIONS.abort });
}

async function runToEnd(sync: RunningSync): Promise<SyncOutcome> {
  const { request, tracker } = sync;
  const { planSync } = proxyActivities<SyncActivities>({
    ...WORK_OPTIONS,
    summary: `plan ${request.application} ${request.revision}`,
  });
  const planned = await attempt(() => planSync(request));
  if (planned.kind === 'failed') {
    tracker.failed(planned.failures);
    return 'Failed';
  }
  sync.plan = planned.plan;
  tracker.planned(planned.plan);
  sync.approvals.planned(planned.plan, request.resume?.decisions);
  if (request.options.dryRun) return 'Succeeded';
  const { runId: rootRun } = workflowInfo();
  sync.activities = fencedActivities({ request, plan: planned.plan.digest, rootRun, claimant: 'root' });
  const claimed = await sync.activities.claim();
  if (claimed.kind === 'failed') {
    if (!mayHold(claimed.failures)) delete sync.activities;
    tracker.failed(claimed.failures);
    return 'Failed';
  }
  tracker.claimed(claimed.number);
  return runRounds(sync, planned.plan, sync.activities);
}

/** Runs the phases; a sync that holds after a failure runs what remains, as often as somebody says so. */
async function runRounds(sync: RunningSync, plan: CompactPlan, activities: FencedActivities): Promise<SyncOutcome> {
  const { request, tracker, desk } = sync;
  if (request.resume !== undefined) {
    const { round, remainder, interventions } = request.resume;
    begin(sync, round, remainder, interventions);
  }
  for (;;) {
    if (await runPlannedPhases(plannedSync(sync, plan, activities))) return 'Succeeded';
    const decided = holdsAfterFailure(sync) ? await desk.hold() : undefined;
    if (decided === undefined) return 'Failed';
    const before = tracker.snapshot().interventions ?? [];
    begin(sync, sync.round + 1, decided.remainder, [...before, decided.intervention]);
  }
}

function begin(sync: RunningSync, round: number, remainder: Remainder, interventions: readonly Intervention[]): void {
  sync.round = round;
  sync.since = remainder.again ? round : 1;
  sync.tracker.resumed(remainder, interventions, round);
}

function plannedSync(sync: RunningSync, plan: CompactPlan, activities: FencedActivities): PlannedSync {
  const { request, tracker, approvals, round, since } = sync;
  return { request, tracker, plan, rootRun: workflowInfo().runId, activities, approvals, round, since };
}

/** Failures that nobody can mend by trying again: the record is in other hands, or a person has said no. */
const FINAL: ReadonlySet<FailureType> = new Set(['Superseded', 'HeldElsewhere', 'ApprovalRejected']);

function holdsAfterFailure({ request, tracker }: RunningSync): boolean {
  const { failures } = tracker.snapshot();
  return request.options.onFailure === 'hold' && !failures.some(({ type }) => FINAL.has(type));
}

/** A claim that was never answered may have been made, and then the record is to be released. */
function mayHold(failures: readonly Failure[]): boolean {
  return failures.some(({ type }) => type === 'ClusterUnavailable') && patched('finish-after-unanswered-claim');
}

/** How a sync came to its end, before it is concluded in the cluster. */
interface Ending {
  readonly outcome: SyncOutcome;
  /** Whether the SyncFail hooks are due. */
  readonly alerts: boolean;
}

function endingOf(sync: RunningSync, ended: Ended<SyncOutcome>): Ending {
  if (ended.kind === 'completed') return { outcome: ended.value, alerts: ended.value === 'Failed' };
  const { application, options } = sync.request;
  sync.tracker.failed([failureOfInterruption(application, ended.by)]);
  if (ended.by.kind === 'timed-out') return { outcome: 'Failed', alerts: true };
  return { outcome: 'Aborted', alerts: options.syncFailOnAbort };
}

/** Ends a sync in the cluster: SyncFail hooks where they are due, last deletions, the record's release. */
async function conclude(sync: RunningSync, ending: Ending): Promise<SyncOutcome> {
  const { tracker, plan, activities } = sync;
  const { outcome, alerts } = ending;
  if (plan === undefined || activities === undefined) return outcome;
  if (alerts && changedAnything(tracker)) {
    await runSyncFail(plannedSync(sync, plan, activities));
  }
  const { finishSync } = proxyActivities<SyncActivities>({ ...WORK_OPTIONS, summary: 'finish' });
  const hooks = standingHooks(plan.phases);
  const verify = outcome === 'Succeeded' && sync.request.deletion === undefined;
  const skipped = outcome === 'Succeeded' ? wavesLeftOut(tracker.snapshot()) : [];
  const leftOut = skipped.length === 0 ? {} : { leftOut: skipped };
  const changed = changedAnything(tracker);
  const finished = await activities.ask((scope) => finishSync({ scope, outcome, hooks, verify, changed, ...leftOut }));
  if (finished.kind === 'done') {
    tracker.warned(finished.warnings);
    return outcome;
  }
  tracker.failed(finished.failures);
  return outcome === 'Succeeded' ? 'Failed' : outcome;
}

function close(result: SyncResult): SyncResult {
  if (result.outcome === 'Succeeded') return result;
  const aborted = result.outcome === 'Aborted';
  const why = result.failures[0]?.message ?? `the sync of ${result.application} failed`;
  throw withoutStack(ApplicationFailure.nonRetryable(why, aborted ? 'Aborted' : 'SyncFailed', result));
}
