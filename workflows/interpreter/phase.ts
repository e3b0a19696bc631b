import type { Failure } from '../../core/failures.ts';
import { formatFailure } from '../../core/failures.ts';
import type { CompactHook } from '../../core/sync/compact-plan.ts';
import { hooksOf } from '../../core/sync/compact-plan.ts';
import type { PhaseStatus, SyncCounts } from '../../core/sync/status.ts';
import type { OmittedEntries, PhaseEntry } from '../../core/sync/timeline.ts';
import type { SettleAnswer } from '../activities.ts';
import { awaitApproval } from './approval.ts';
import type { PhaseEffects, Settled } from './effects.ts';
import type { PhaseRun } from './phase-run.ts';
import { EndedEarly } from './safe-point.ts';
import type { WaveRun } from './wave.ts';
import { runWave } from './wave.ts';

/** How a phase ended. */
export interface PhaseOutcome {
  readonly outcome: 'succeeded' | 'failed' | 'aborted' | 'superseded';
  readonly status: PhaseStatus;
  readonly failures: readonly Failure[];
  /** What went wrong without changing the outcome: a hook that could not be deleted, say. */
  readonly warnings: readonly string[];
  readonly counts: SyncCounts;
  /** What has happened in it; absent from phases of earlier versions, some of which handed nothing over where it was too much. */
  readonly timeline?: PhaseTimeline;
}

/** What has happened in a phase, and in which run of its workflow. */
export interface PhaseTimeline {
  readonly run: string;
  readonly entries: readonly (PhaseEntry | OmittedEntries)[];
}

/**
 * Runs a phase: waves strictly one after the other, each once it is approved where it needs that, ended by the first that fails; what
 * was done before the sync was resumed is passed over; SyncFail's waves run on, since one alert
 * that fails must not silence the next. It may be told to end at its next safe point. At its end settled hooks are cleaned up by their policies.
 *
 * A cancellation passes through as an exception, after which the caller stops what runs with `stopPhase`.
 */
export async function runPhaseWaves(run: PhaseRun): Promise<PhaseOutcome> {
  const { effects, tracker } = run;
  const failures: Failure[] = [];
  const settledHooks: CompactHook[] = [];
  tracker.phase('running', effects.now());
  const unansweredHooks: CompactHook[] = [];
  const isWhole = await cameToItsEnd(runWaves(run, { failures, settledHooks, unansweredHooks }));
  const stopped = await stopUnanswered(effects, unansweredHooks);
  const ended = settledHooks.filter((hook) => hook.runsToCompletion);
  const warnings = [...stopped, ...(await settle(effects, ended))];
  const outcome = !isWhole ? 'superseded' : failures.length === 0 ? 'succeeded' : 'failed';
  if (outcome === 'superseded') tracker.aborted(effects.now());
  else tracker.phase(outcome, effects.now());
  return { outcome, status: tracker.snapshot(), failures, warnings, counts: tracker.counts() };
}

/** What the waves of a phase have come to. */
type Gathered = Pick<WaveRun, 'failures' | 'settledHooks' | 'unansweredHooks'>;

async function runWaves(run: PhaseRun, { failures, ...hooks }: Gathered): Promise<void> {
  const { plan, effects, tracker } = run;
  for (const [index, wave] of plan.waves.entries()) {
    if (tracker.isWaveDone(index)) continue;
    if (effects.isEnding()) throw new EndedEarly();
    const refused = await awaitApproval(run, index, wave);
    failures.push(...refused);
    if (refused.length > 0) break;
    const waveRun: WaveRun = {
      phase: plan.phase,
      plan: wave,
      index,
      effects,
      tracker,
      waits: run.waits(index),
      retryPauseMs: run.retryPauseMs,
      failures: [],
      ...hooks,
    };
    await runWave(waveRun).finally(() => failures.push(...waveRun.failures));
    if (failures.length > 0 && plan.phase !== 'SyncFail') break;
  }
}

/** False where the work ended at a safe point before its end. */
async function cameToItsEnd(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof EndedEarly) return false;
    throw error;
  }
}

/** Cleans up after hooks and answers what the user should know of it: a hook that has succeeded stays so if it can't be deleted. */
async function settle(effects: PhaseEffects, hooks: readonly CompactHook[]): Promise<readonly string[]> {
  if (hooks.length === 0) return [];
  const answer = await effects.settleHooks(hooks);
  return answer.kind === 'failed' ? answer.failures.map(formatFailure) : answer.warnings;
}

/** Stops hooks whose wait was given up, so that none runs on behind a sync that has failed. Answers what could not be done. */
async function stopUnanswered(effects: PhaseEffects, hooks: readonly CompactHook[]): Promise<readonly string[]> {
  if (hooks.length === 0 || !effects.stopsUnanswered()) return [];
  const answer = await effects.stopHooks(hooks, 'no worker could tell how it stands');
  return answer.kind === 'failed' ? answer.failures.map(formatFailure) : answer.warnings;
}

/** Stops the hooks of a phase that was cancelled and cleans up after those that had ended. Says what could not be stopped. */
export async function stopPhase(run: PhaseRun): Promise<PhaseOutcome> {
  const { plan, effects, tracker } = run;
  const hooks = hooksOf(plan.waves);
  const stopped: Settled<SettleAnswer> =
    hooks.length === 0 ? { kind: 'done', deleted: 0, warnings: [] } : await effects.stopHooks(hooks);
  const ended = hooks.filter((hook) => hook.runsToCompletion);
  const warnings = [...(stopped.kind === 'done' ? stopped.warnings : []), ...(await settle(effects, ended))];
  const failures = stopped.kind === 'failed' ? stopped.failures : [];
  tracker.aborted(effects.now());
  return { outcome: 'aborted', status: tracker.snapshot(), failures, warnings, counts: tracker.counts() };
}
