import type { Failure } from '../core/failures.ts';
import type { Phase } from '../core/phases.ts';
import type { ApprovalStatus } from '../core/sync/approval.ts';
import { closedPhase } from '../core/sync/closed-phase.ts';
import type { CompactPhase, CompactPlan } from '../core/sync/compact-plan.ts';
import { hooksOf } from '../core/sync/compact-plan.ts';
import { initialStatus } from '../core/sync/initial-status.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { Remainder } from '../core/sync/resumption.ts';
import type {
  ClosedWindow,
  Hold,
  Intervention,
  PhaseStatus,
  StepState,
  Supersession,
  SyncCounts,
  SyncOutcome,
  SyncResult,
  SyncState,
  SyncStatus,
} from '../core/sync/status.ts';
import type { TimelinePart } from '../core/sync/timeline.ts';
import type { PhaseOutcome } from './interpreter/phase.ts';
import { NO_COUNTS, added } from './interpreter/phase-tracker.ts';
import { plannedStatus } from './planned-status.ts';
import { keepSyncTimeline } from './timelines.ts';

/** What a sync has come to so far; the root workflow's only state. */
export interface SyncTracker {
  snapshot(): SyncStatus;
  /** What has happened so far, from an index on. */
  timeline(from: number): TimelinePart;
  planned(plan: CompactPlan): void;
  claimed(number: number): void;
  phaseStarted(phase: Phase, at: number): void;
  /** What is known of a gate of the phase that runs. */
  gate(phase: Phase, wave: number, approval: ApprovalStatus): void;
  /** A phase's workflow is over; it may be run again before the phase is. */
  phaseRan(outcome: PhaseOutcome): void;
  phaseEnded(phase: Phase, outcome: PhaseOutcome): void;
  failed(failures: readonly Failure[]): void;
  /** A step has failed, and somebody is to decide; undefined once that is over. */
  holding(hold: Hold | undefined): void;
  /** A window holds it back; undefined once that is over. */
  heldBack(window: ClosedWindow | undefined): void;
  /** The sync goes on with what remains; what failed before is forgiven. */
  resumed(remainder: Remainder, interventions: readonly Intervention[], round: number): void;
  warned(warnings: readonly string[]): void;
  /** It begins at a place of its plan, and leaves out what stands before that. */
  begunAt(place: string, remainder: Remainder): void;
  /** A newer sync wants its turn. */
  givingWay(to: Supersession): void;
  counts(): SyncCounts;
  result(outcome: SyncOutcome, at: number): SyncResult;
}

/**
 * Whether anything was, or may have been, changed in the cluster: a hook or a batch with changes was begun. One that failed
 * or was stopped half way counts, since what it did is not known.
 */
export function changedAnything(tracker: Pick<SyncTracker, 'snapshot' | 'counts'>): boolean {
  const { applied, pruned } = tracker.counts();
  const steps = tracker.snapshot().phases.flatMap(({ waves }) => waves.flatMap((wave) => wave.steps));
  const begun = steps.filter(({ state }) => state !== 'pending' && state !== 'skipped');
  return applied > 0 || pruned > 0 || begun.some((step) => step.kind === 'hook' || step.changed > 0);
}

/** Makes the tracker of a sync. `changed` is called with the new status at each change. */
export function trackSync(request: SyncRequest, startedAt: number, changed: (status: SyncStatus) => void): SyncTracker {
  let status = initialStatus(request, startedAt);
  let counts = NO_COUNTS;
  const timeline = keepSyncTimeline(status, startedAt);
  const replace = (next: SyncStatus) => {
    timeline.changed(next);
    changed((status = next));
  };
  const set = (change: Partial<SyncStatus>) => replace({ ...status, ...change });
  const setPhase = (phase: Phase, next: (known: PhaseStatus) => PhaseStatus) =>
    set({ phases: status.phases.map((known) => (known.phase === phase ? next(known) : known)) });
  return {
    snapshot: () => status,
    timeline: (from) => timeline.part(from),
    counts: () => counts,
    planned: (plan) => set({ ...plannedStatus(plan), warnings: [...status.warnings, ...plan.warnings] }),
    claimed: (number) => set({ number }),
    phaseStarted: (phase, at) => setPhase(phase, (known) => ({ ...known, state: 'running', startedAt: at })),
    gate: (phase, wave, approval) => setPhase(phase, (known) => withGate(known, wave, approval)),
    phaseRan: (outcome) => timeline.took(outcome),
    phaseEnded: (phase, outcome) => {
      counts = added(counts, outcome.counts);
      setPhase(phase, () => outcome.status);
      if (outcome.failures.length > 0) set({ failures: [...status.failures, ...outcome.failures] });
      if (outcome.warnings.length > 0) set({ warnings: [...status.warnings, ...outcome.warnings] });
    },
    holding: (hold) => replace(withHold(status, hold)),
    heldBack: (window) => replace(withWindow(status, window)),
    resumed: (remainder, interventions, round) => set(resumedStatus(status, remainder, interventions, round)),
    failed: (failures) => set({ failures: [...status.failures, ...failures] }),
    warned: (warnings) => set({ warnings: [...status.warnings, ...warnings] }),
    begunAt: (place, { phases, leftOut }) =>
      set({ phases, from: { place, leftOut }, warnings: [...status.warnings, ...leftOutWords(leftOut)] }),
    givingWay: (supersededBy) => set({ supersededBy }),
    result: (outcome, at) => {
      set({ state: stateOf(outcome), finishedAt: at, phases: status.phases.map(closedPhase) });
      return { ...(outcome === 'Superseded' ? status : ended(status)), outcome, finishedAt: at, counts };
    },
  };
}

function withGate(phase: PhaseStatus, wave: number, approval: ApprovalStatus): PhaseStatus {
  const state: StepState = approval.state === 'waiting' ? 'waiting' : 'pending';
  return { ...phase, waves: phase.waves.map((each) => (each.wave === wave ? { ...each, approval, state } : each)) };
}

function withHold({ hold: _over, ...status }: SyncStatus, hold: Hold | undefined): SyncStatus {
  return hold === undefined ? { ...status, state: 'running' } : { ...status, state: 'holding', hold };
}

function withWindow({ window: _over, ...status }: SyncStatus, window: ClosedWindow | undefined): SyncStatus {
  return window === undefined ? status : { ...status, window };
}

function resumedStatus(
  { warnings }: SyncStatus,
  { phases, leftOut }: Remainder,
  interventions: readonly Intervention[],
  round: number,
): Partial<SyncStatus> {
  const told = leftOutWords(leftOut);
  return { state: 'running', phases, failures: [], interventions, round, warnings: [...warnings, ...told] };
}

function leftOutWords(leftOut: readonly string[]): readonly string[] {
  return leftOut.length === 0 ? [] : [`Left out: ${leftOut.join(', ')}.`];
}

/** A sync that came to an end of its own has given way to nobody, whoever asked. */
function ended({ supersededBy: _, ...status }: SyncStatus): SyncStatus {
  return status;
}

function stateOf(outcome: SyncOutcome): SyncState {
  switch (outcome) {
    case 'Succeeded':
      return 'succeeded';
    case 'Failed':
      return 'failed';
    case 'Aborted':
      return 'aborted';
    case 'Superseded':
      return 'superseded';
  }
}

/** The hooks of a plan that do not run to completion: their policies apply at the end of the sync. */
export function standingHooks(phases: readonly CompactPhase[]) {
  return hooksOf(phases.flatMap(({ waves }) => waves)).filter((hook) => !hook.runsToCompletion);
}

/** Waves whose resources were left out or skipped, so that nobody may take them for applied. */
export function wavesLeftOut({ phases }: SyncStatus): readonly { readonly phase: Phase; readonly wave: number }[] {
  return phases.flatMap(({ phase, waves }) =>
    waves
      .filter(({ steps }) => steps.some((step) => step.kind !== 'hook' && step.state === 'skipped'))
      .map(({ wave }) => ({ phase, wave })),
  );
}
