import { patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Failure, FailureType } from '../core/failures.ts';
import type { CompactPlan } from '../core/sync/compact-plan.ts';
import { startFrom } from '../core/sync/late-start.ts';
import { parsePlace } from '../core/sync/plan-place.ts';
import type { Remainder } from '../core/sync/resumption.ts';
import type { Intervention, SyncOutcome } from '../core/sync/status.ts';
import type { SyncActivities } from './activities.ts';
import { WORK_OPTIONS } from './activity-options.ts';
import type { FencedActivities } from './fenced-activities.ts';
import { attempt, fencedActivities } from './fenced-activities.ts';
import { failureOfInterruption } from './interruption.ts';
import { mayFollowLeftHooks } from './left-hooks.ts';
import { awaitLeftPhases } from './left-phases.ts';
import { runPlannedPhases } from './phases.ts';
import type { RunningSync } from './running-sync.ts';
import { plannedSync } from './running-sync.ts';
import { planOnceOpen } from './window-wait.ts';

/** Plans a sync, claims its record and runs its phases, as often as somebody says so after a failure. */
export async function runToEnd(sync: RunningSync): Promise<SyncOutcome> {
  const { request, tracker } = sync;
  const { planSync } = proxyActivities<SyncActivities>({
    ...WORK_OPTIONS,
    summary: `plan ${request.application} ${request.revision}`,
  });
  const planned = await planOnceOpen(request, tracker, () => attempt(() => planSync(request)));
  sync.announcements.heard(planned.kind === 'planned' ? (planned.heard ?? []) : planned.heard);
  if (planned.kind === 'failed') {
    tracker.failed(planned.failures);
    return 'Failed';
  }
  sync.plan = planned.plan;
  tracker.planned(planned.plan);
  sync.approvals.planned(planned.plan, request.resume?.decisions);
  const misplaced = beginAtPlace(sync);
  if (misplaced !== undefined) {
    tracker.failed([misplaced]);
    return 'Failed';
  }
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

/** Leaves out what stands before the place at which the sync is to begin. Answers why it can't begin there. */
function beginAtPlace({ request, tracker }: RunningSync): Failure | undefined {
  const { from } = request.options;
  if (from === undefined || request.resume !== undefined) return undefined;
  const place = parsePlace(from);
  const skip = { by: request.requestedBy, reason: `the sync begins at ${from}`, at: request.requestedAt };
  const begun =
    place === undefined
      ? { kind: 'refused' as const, why: `${from} is no place in a plan` }
      : startFrom(tracker.snapshot().phases, place, skip);
  if (begun.kind === 'refused') return { type: 'InvalidRequest', message: begun.why };
  tracker.begunAt(from, begun);
  return undefined;
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
    if (sync.givingWay.to() !== undefined) return await gaveWay(sync);
    if (decided === undefined) return await failed(sync);
    const before = tracker.snapshot().interventions ?? [];
    begin(sync, sync.round + 1, decided.remainder, [...before, decided.intervention]);
  }
}

/** What a run before a reset has begun ends before the sync does, also where this one has not come so far. */
async function failed(sync: RunningSync): Promise<SyncOutcome> {
  if (!mayFollowLeftHooks() || !patched('await-left-hooks-of-a-failure')) return 'Failed';
  await awaitLeftPhases(sync);
  // A newer sync may have asked for its turn meanwhile.
  return sync.givingWay.to() === undefined ? 'Failed' : gaveWay(sync);
}

async function gaveWay(sync: RunningSync): Promise<SyncOutcome> {
  await awaitLeftPhases(sync);
  const { request, tracker, givingWay } = sync;
  const to = givingWay.to();
  if (to !== undefined) tracker.failed([failureOfInterruption(request.application, { kind: 'superseded', to })]);
  return 'Superseded';
}

function begin(sync: RunningSync, round: number, remainder: Remainder, interventions: readonly Intervention[]): void {
  sync.round = round;
  sync.since = remainder.again ? round : 1;
  sync.tracker.resumed(remainder, interventions, round);
}

/** Failures that nobody can mend by trying again: the record is in other hands, or a person has said no. */
const FINAL: ReadonlySet<FailureType> = new Set(['Superseded', 'HeldElsewhere', 'ApprovalRejected']);

function holdsAfterFailure({ request, tracker, givingWay }: RunningSync): boolean {
  if (request.options.onFailure !== 'hold' || givingWay.to() !== undefined) return false;
  return !tracker.snapshot().failures.some(({ type }) => FINAL.has(type));
}

/** A claim that was never answered may have been made, and then the record is to be released. */
function mayHold(failures: readonly Failure[]): boolean {
  return failures.some(({ type }) => type === 'ClusterUnavailable') && patched('finish-after-unanswered-claim');
}
