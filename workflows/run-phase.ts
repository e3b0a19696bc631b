import type { ActivityOptions } from '@temporalio/workflow';
import {
  CancellationScope,
  isCancellation,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { DEFAULT_APPROVAL_DEADLINE_MS } from '../core/deadlines.ts';
import { DEFAULT_RETRY_PAUSE_MS } from '../core/hooks/retrying.ts';
import type { ApprovalDecision } from '../core/sync/approval.ts';
import type { CompactPhase } from '../core/sync/compact-plan.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { PhaseStatus } from '../core/sync/status.ts';
import type { SyncActivities } from './activities.ts';
import { WORK_OPTIONS, stopOptions, waitOptions } from './activity-options.ts';
import { phaseTable } from './details.ts';
import type { FencedActivities } from './fenced-activities.ts';
import { fencedActivities } from './fenced-activities.ts';
import { gatekeeper } from './gatekeeper.ts';
import type { PhaseEffects } from './interpreter/effects.ts';
import type { PhaseRun } from './interpreter/phase-run.ts';
import type { PhaseOutcome } from './interpreter/phase.ts';
import { runPhaseWaves, stopPhase } from './interpreter/phase.ts';
import type { PhaseTracker } from './interpreter/phase-tracker.ts';
import { pendingPhase, trackPhase } from './interpreter/phase-tracker.ts';
import { EndedEarly } from './interpreter/safe-point.ts';
import { phaseStatusQuery } from './messages.ts';
import { refuseWhatIsForTheSync } from './misdirected.ts';

import { awaitLeftHooks, mayFollowLeftHooks } from './left-hooks.ts';
import type { SafePoints } from './safe-points.ts';
import { listenForSafePoints } from './safe-points.ts';
import { keepPhaseTimeline } from './timelines.ts';

/** What a phase's workflow is given. */
export interface PhaseInput {
  readonly version: 1;
  readonly request: SyncRequest;
  readonly plan: string;
  readonly rootRun: string;
  readonly phase: CompactPhase;
  /** Whether this is the last phase of a sync that succeeds: its last wave may go unwaited. */
  readonly last: boolean;
  /** What was decided on the phase's gates before; absent in phases of earlier versions. */
  readonly decisions?: readonly ApprovalDecision[];
  /** What the phase had come to before the sync was resumed; absent where it begins. */
  readonly before?: PhaseStatus;
  /** The round of the sync, and the first round whose successes count; absent = 1. */
  readonly round?: number;
  readonly since?: number;
  /** Whether a reset has made the root: hooks of a phase before this one may be at work; absent = false. */
  readonly rootFollowsReset?: boolean;
  /** Whether the sync gives way already, so that the phase ends at its first safe point; absent = false. */
  readonly isToEnd?: boolean;
}

/** Runs one phase of a sync as a workflow of its own, so that Temporal's UI shows it as a node with its own history. */
export async function runPhase(input: PhaseInput): Promise<PhaseOutcome> {
  const timeline = keepPhaseTimeline(input.before ?? pendingPhase(input.phase));
  let misdirected: string | undefined;
  const show = (status: PhaseStatus) => setCurrentDetails(phaseTable(status, misdirected));
  const tracker = trackPhase(
    input.phase,
    (status) => {
      timeline.changed(status);
      show(status);
    },
    input.before,
  );
  setHandler(phaseStatusQuery, () => tracker.snapshot());
  refuseWhatIsForTheSync((sentence) => {
    misdirected = sentence;
    show(tracker.snapshot());
  });
  return timeline.with(await runToEnd(input, tracker));
}

async function runToEnd(input: PhaseInput, tracker: PhaseTracker): Promise<PhaseOutcome> {
  const { request, plan, rootRun } = input;
  const activities = fencedActivities({ request, plan, rootRun, claimant: 'phase' });
  const safePoints = listenForSafePoints(input.isToEnd);
  let cleaning = WORK_OPTIONS;
  const lastWave = input.phase.waves.length - 1;
  const run: PhaseRun = {
    plan: input.phase,
    tracker,
    effects: effectsOf(input, activities, safePoints, () => cleaning),
    approvalMs: request.options.approvalTimeoutMs ?? DEFAULT_APPROVAL_DEADLINE_MS,
    retryPauseMs: request.options.retryPauseMs ?? DEFAULT_RETRY_PAUSE_MS,
    waits: (index) => request.options.wait || !input.last || index < lastWave,
  };
  try {
    const ended = await runPhaseWaves(run);
    const outcome = leavesHooks(ended, safePoints, input) ? await withoutLeftHooks(input, ended, activities) : ended;
    if (outcome.outcome === 'succeeded' || !wasCancelled(outcome)) return outcome;
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  cleaning = stopOptions(request);
  activities.hasten();
  return CancellationScope.nonCancellable(() => stopPhase(run));
}

/**
 * Whether hooks that a run before a reset has begun may be at work still: this one gives way before it comes to them. A hook that has failed
 * is not tried again then, and may have been tried again before.
 */
function leavesHooks({ outcome }: PhaseOutcome, { isEnding }: SafePoints, { rootFollowsReset }: PhaseInput): boolean {
  if (outcome === 'superseded') return mayFollowLeftHooks(rootFollowsReset);
  const isUntried = outcome === 'failed' && isEnding();
  return isUntried && mayFollowLeftHooks(rootFollowsReset) && patched('await-left-retries');
}

/** A newer sync is to find no hook at work that a run before a reset has begun. Refused, the root is to claim and to run the phase again. */
async function withoutLeftHooks(
  { phase }: PhaseInput,
  ended: PhaseOutcome,
  activities: FencedActivities,
): Promise<PhaseOutcome> {
  const failures = await awaitLeftHooks(phase, activities);
  const isRefused = failures.some(({ type }) => type === 'Superseded');
  return isRefused ? { ...ended, outcome: 'failed', failures } : ended;
}

/**
 * A cancelled activity whose worker is gone ends by its time-out, as a failure, and a phase that ends at a safe point no longer
 * looks at its hooks: they may run on and are still to be stopped.
 */
function wasCancelled({ outcome }: PhaseOutcome): boolean {
  if (!CancellationScope.current().consideredCancelled) return false;
  return outcome === 'superseded' || patched('stop-after-unanswered-cancel');
}

/** `cleaning` are the options of what cleans up after hooks, as they are then. */
function effectsOf(
  input: PhaseInput,
  activities: FencedActivities,
  safePoints: SafePoints,
  cleaning: () => ActivityOptions,
): PhaseEffects {
  const { phase } = input.phase;
  const rounds = roundsOf(input);
  const work = (summary: string, options = WORK_OPTIONS) => proxyActivities<SyncActivities>({ ...options, summary });
  const begin: FencedActivities['ask'] = (call) => activities.ask(safePoints.unlessEnding(call));
  const gate = gatekeeper(phase, input.decisions ?? []);
  const stop = proxyActivities<SyncActivities>({ ...stopOptions(input.request), summary: `${phase} · stop hooks` });
  return {
    applySegment: (wave, segment, summary) =>
      begin((scope) => work(summary).applySegment({ scope, phase, wave, segment })),
    startHook: (hook, wave, summary) =>
      begin((scope) => work(summary).startHook({ scope, hook, phase, wave, ask: 1, ...rounds })),
    runHook: (hook, wave, ask, summary) =>
      begin((scope) => wait(hook.deadlineMs, summary).runHook({ scope, hook, phase, wave, ask, ...rounds })),
    isEnding: safePoints.isEnding,
    pause: (ms, summary) => paused(safePoints, ms, summary),
    awaitApproval: (approval) => safePoints.leavable(() => gate(approval)),
    awaitHealthy: (wave, deadlineMs, summary, segment) =>
      // A claim in between serves hooks beside it too, so it is not left.
      activities.ask((scope) =>
        safePoints.leavable(() =>
          wait(deadlineMs, summary).awaitHealthy({
            ...{ scope, phase, wave, deadlineMs },
            ...(segment === undefined ? {} : { segment }),
          }),
        ),
      ),
    settleHooks: (hooks) =>
      activities.ask((scope) => work(`${phase} · clean up hooks`, cleaning()).settleHooks({ scope, phase, hooks })),
    stopHooks: (hooks, why) =>
      activities.ask((scope) => stop.stopHooks({ scope, phase, hooks, ...(why === undefined ? {} : { why }) })),
    stopsUnanswered: () => patched('stop-unanswered-hooks'),
    now: () => Date.now(),
  };
}

function wait(deadlineMs: number, summary: string) {
  return proxyActivities<SyncActivities>({ ...waitOptions(deadlineMs), summary });
}

function roundsOf({ round, since }: PhaseInput): Pick<PhaseInput, 'round' | 'since'> {
  return { ...(round === undefined ? {} : { round }), ...(since === undefined ? {} : { since }) };
}

async function paused(safePoints: SafePoints, ms: number, summary: string): Promise<void> {
  try {
    await safePoints.leavable(() => sleep(ms, { summary }));
  } catch (error) {
    if (!(error instanceof EndedEarly)) throw error;
  }
}
