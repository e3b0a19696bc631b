import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  patched,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Failure } from '../core/failures.ts';
import { phaseWorkflowIdOf } from '../core/markers.ts';
import type { CompactPhase, CompactPlan } from '../core/sync/compact-plan.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { isDone } from '../core/sync/resumption.ts';
import { SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import type { StepState } from '../core/sync/status.ts';
import type { Approvals } from './approvals.ts';
import type { FencedActivities } from './fenced-activities.ts';
import type { PhaseOutcome } from './interpreter/phase.ts';
import { NO_COUNTS, pendingPhase } from './interpreter/phase-tracker.ts';
import { followsReset } from './left-hooks.ts';
import { cancelledByName } from './named-cancellation.ts';
import type { PhaseInput, runPhase } from './run-phase.ts';
import type { GivingWay } from './supersession.ts';
import type { SyncTracker } from './sync-state.ts';

/** Each follows a reset to a point after the one before it; whoever resets more often than this resets to an earlier point. */
const MOST_CLAIMS = 2;

const PENDING = 'pending' as const;

const PHASE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.phase, 'KEYWORD');

/** A planned sync whose record is claimed. */
export interface PlannedSync {
  readonly request: SyncRequest;
  readonly tracker: SyncTracker;
  readonly plan: CompactPlan;
  readonly rootRun: string;
  readonly activities: FencedActivities;
  readonly approvals: Approvals;
  readonly givingWay: GivingWay;
  /** The round of the sync from 1, and the first one whose successes count. */
  readonly round: number;
  readonly since: number;
}

/** Runs PreSync, Sync and PostSync, each once the one before has succeeded; what was done before is passed over. Answers whether all did; none begins where the sync gives way to another. */
export async function runPlannedPhases(sync: PlannedSync): Promise<boolean> {
  const phases = sync.plan.phases.filter((phase) => phase.phase !== 'SyncFail');
  for (const phase of phases) {
    if (isDone(before(sync, phase))) continue;
    if (sync.givingWay.to() !== undefined) return false;
    const outcome = await sync.givingWay.telling(phase.phase, () => runChild(sync, phase, phase === phases.at(-1)));
    if (outcome.outcome !== 'succeeded') return false;
  }
  return true;
}

/** Runs the SyncFail hooks, where the plan has any. */
export async function runSyncFail(sync: PlannedSync): Promise<void> {
  const phase = sync.plan.phases.find((known) => known.phase === 'SyncFail');
  if (phase !== undefined) await runChild(sync, phase, true);
}

/**
 * Runs a phase as a child with a fixed ID. TERMINATE_IF_RUNNING is what makes a reset of the root safe: a child that an
 * earlier run of the root has left behind under the ID gives way. (Children have no conflict policy.)
 */
async function runChild(sync: PlannedSync, phase: CompactPhase, last: boolean): Promise<PhaseOutcome> {
  const { request, tracker } = sync;
  tracker.phaseStarted(phase.phase, Date.now());
  if (request.indexed) upsertSearchAttributes([{ key: PHASE_KEY, value: phase.phase }]);
  let outcome = await childOutcome(sync, phase, last);
  for (let claims = 1; wasRefused(outcome) && mayClaim(claims) && (await claimAgain(sync)); claims += 1) {
    outcome = await outcomeAnew(sync, phase, last);
  }
  sync.approvals.phaseEnded();
  tracker.phaseEnded(phase.phase, toldWhy(sync, outcome));
  return outcome;
}

/** A phase that somebody has told to end in Temporal, past its sync, has failed for that reason. */
function toldWhy({ givingWay, request }: PlannedSync, ended: PhaseOutcome): PhaseOutcome {
  if (ended.outcome !== 'superseded' || givingWay.to() !== undefined) return ended;
  const failure: Failure = {
    type: 'Aborted',
    message: `phase ${ended.status.phase} was told to end by a signal \`endSoon\` from outside, though no newer sync asks for it`,
    remedy: `let the sync go on with \`syncline retry ${request.application}\``,
  };
  return { ...ended, failures: [...ended.failures, failure] };
}

/**
 * A reset to a point after the root's claim makes a run that never claims: the record names its predecessor, and refuses its
 * phases. A root that is open is the right one, since its ID is the lock, so it claims and the phase is run again.
 */
function wasRefused({ outcome, failures }: PhaseOutcome): boolean {
  return outcome === 'failed' && failures.length > 0 && failures.every(({ type }) => type === 'Superseded');
}

/** Once; and once more for each reset to a point after such a claim. */
function mayClaim(claims: number): boolean {
  return claims === 1 || (claims <= MOST_CLAIMS && patched('claim-after-each-reset'));
}

/** Whoever has told a phase to end has told the one that was refused: the next one is to know it from its beginning. */
async function outcomeAnew(sync: PlannedSync, phase: CompactPhase, last: boolean): Promise<PhaseOutcome> {
  const { givingWay } = sync;
  const isTold = givingWay.to() !== undefined && patched('tell-phase-anew');
  const run = () => childOutcome(sync, phase, last, isTold ? { isToEnd: true } : {});
  return isTold ? givingWay.telling(phase.phase, run) : run();
}

async function claimAgain({ activities }: PlannedSync): Promise<boolean> {
  return (await activities.claim()).kind === 'claimed';
}

async function childOutcome(
  sync: PlannedSync,
  phase: CompactPhase,
  last: boolean,
  told: Pick<PhaseInput, 'isToEnd'> = {},
): Promise<PhaseOutcome> {
  const { request, plan, rootRun } = sync;
  const decisions = sync.approvals.decisionsFor(phase.phase);
  const resumed = { ...resumedPhase(sync, phase), ...(followsReset() ? { rootFollowsReset: true } : {}) };
  const workflowId = phaseWorkflowIdOf(request.cluster, request.application, phase.phase);
  try {
    const outcome = await cancelledByName(workflowId, () =>
      executeChild<typeof runPhase>('runPhase', {
        workflowId,
        args: [{ version: 1, request, plan: plan.digest, rootRun, phase, last, decisions, ...resumed, ...told }],
        workflowIdReusePolicy: 'TERMINATE_IF_RUNNING',
        parentClosePolicy: 'REQUEST_CANCEL',
        cancellationType: 'WAIT_CANCELLATION_COMPLETED',
        staticSummary: `${request.application} · ${phase.phase}`,
      }),
    );
    sync.tracker.phaseRan(outcome);
    return outcome;
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ChildWorkflowFailure)) throw error;
    return endedFromOutside(phase, error);
  }
}

/** A phase whose workflow was terminated by somebody, or could not be started, has failed; its sync is still to be concluded. */
function endedFromOutside(phase: CompactPhase, error: ChildWorkflowFailure): PhaseOutcome {
  const why = error.cause?.message ?? error.message;
  return {
    outcome: 'failed',
    status: { ...pendingPhase(phase), state: 'failed', finishedAt: Date.now() },
    failures: [{ type: 'Aborted', message: `the workflow of phase ${phase.phase} was ended from outside: ${why}` }],
    warnings: [],
    counts: NO_COUNTS,
  };
}

function before({ tracker }: PlannedSync, { phase }: CompactPhase): { readonly state: StepState } {
  return tracker.snapshot().phases.find((known) => known.phase === phase) ?? { state: 'pending' };
}

/** What the phase of a sync that is resumed is told besides; an alert answers to a new failure, so it is always a new attempt. */
function resumedPhase({ request, tracker, round, since }: PlannedSync, { phase }: CompactPhase) {
  const known = tracker.snapshot().phases.find((status) => status.phase === phase);
  if (round === 1) {
    // What stands before the place at which the sync begins is passed over.
    return request.options.from === undefined || known === undefined ? {} : { before: { ...known, state: PENDING } };
  }
  return {
    round,
    since: phase === 'SyncFail' ? round : since,
    ...(known === undefined ? {} : { before: { ...known, state: PENDING } }),
  };
}
