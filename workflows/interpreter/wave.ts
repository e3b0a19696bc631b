import type { Failure } from '../../core/failures.ts';
import { mayBeRetried, pauseBefore } from '../../core/hooks/retrying.ts';
import { titleOf } from '../../core/objects.ts';
import type { Phase } from '../../core/phases.ts';
import type { CompactAwait, CompactBatch, CompactHook, CompactWave } from '../../core/sync/compact-plan.ts';
import type { SpentAttempt } from '../../core/sync/status.ts';
import type { HookAnswer } from '../activities.ts';
import type { PhaseEffects } from './effects.ts';
import { EndedEarly, orEndedEarly } from './safe-point.ts';
import type { PhaseTracker } from './phase-tracker.ts';

/** What a wave has come to so far. */
export interface WaveRun {
  readonly phase: Phase;
  readonly plan: CompactWave;
  /** Index of the wave in its phase. */
  readonly index: number;
  readonly effects: PhaseEffects;
  readonly tracker: PhaseTracker;
  /** Whether the wave's resources are waited for. */
  readonly waits: boolean;
  /** The pause before a hook's first retry, ms. */
  readonly retryPauseMs: number;
  readonly failures: Failure[];
  readonly settledHooks: CompactHook[];
  /** Hooks whose wait was given up: they may run on. */
  readonly unansweredHooks: CompactHook[];
}

/**
 * Runs one wave: its segments in order, hooks side by side once they have started, then the health of its resources. A
 * failed batch starts nothing more; what runs already is waited for up to its own deadline.
 */
export async function runWave(run: WaveRun): Promise<void> {
  const started: Started = new Map();
  run.tracker.wave(run.index, 'running', run.effects.now());
  try {
    await runSegments(run, started);
    const isAwaited = run.plan.awaits && run.waits && !run.tracker.areResourcesSkipped(run.index);
    if (run.failures.length === 0 && isAwaited) {
      await allEnded([...started.values(), awaitHealth(run, { what: 'health', deadlineMs: run.plan.deadlineMs })]);
    }
  } finally {
    // A cancellation may end a segment while hooks still run: whoever stops them must not come before they have ended.
    await Promise.allSettled(started.values());
  }
  await allEnded([...started.values()]);
  run.tracker.wave(run.index, run.failures.length === 0 ? 'succeeded' : 'failed', run.effects.now());
}

/** The ends of the hooks of a wave that have begun, by step ID. */
type Started = Map<string, Promise<void>>;

async function runSegments(run: WaveRun, started: Started): Promise<void> {
  for (const [index, segment] of run.plan.segments.entries()) {
    if (run.failures.length > 0) return;
    if (run.effects.isEnding()) throw new EndedEarly();
    switch (segment.kind) {
      case 'hooks':
        await startHooks(
          run,
          segment.hooks.filter(({ id }) => !run.tracker.isHookDone(id)),
          started,
        );
        break;
      case 'await':
        await awaitNeeded(run, index, segment, started);
        break;
      case 'prune':
      case 'apply':
        if (!run.tracker.isBatchDone(run.index, index)) await runBatch(run, index, segment);
    }
  }
}

/** Waits for the hooks and the resources that the next segment comes after. */
async function awaitNeeded(run: WaveRun, index: number, needed: CompactAwait, started: Started): Promise<void> {
  const { hooks, resources, deadlineMs, titles } = needed;
  const ends = hooks.flatMap((id) => started.get(id) ?? []);
  const what = `health of ${resources > titles.length ? `${String(resources)} objects` : titles.join(', ')}`;
  const isNeeded = resources > 0 && !run.tracker.areResourcesSkipped(run.index);
  const health = !isNeeded ? [] : [awaitHealth(run, { what, deadlineMs, segment: index })];
  await allEnded([...ends, ...health]);
}

/** Waits for every promise, also when one rejects (a cancellation): nothing runs on behind the workflow's back. */
async function allEnded<Value>(promises: readonly Promise<Value>[]): Promise<readonly Value[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/**
 * Starts hooks of one kind side by side. Before the next kind begins, those without a verdict of their own are done, and
 * those without an end (a claim, a Deployment) are applied. Hooks that run to completion have only to be on their way.
 */
async function startHooks(run: WaveRun, hooks: readonly CompactHook[], started: Started): Promise<void> {
  const applied = await allEnded(hooks.map((hook) => applyFirst(run, hook)));
  const running = hooks
    .filter((_, index) => applied[index] === true)
    .map((hook) => ({ hook, end: runOneHook(run, hook) }));
  for (const { hook, end } of running) {
    end.catch(() => undefined);
    started.set(hook.id, end);
  }
  await allEnded(running.filter(({ hook }) => hook.settlesAtOnce).map(({ end }) => end));
}

/** Applies a hook that has a verdict but no end. False where that failed, so that there is nothing to wait for. */
async function applyFirst(run: WaveRun, hook: CompactHook): Promise<boolean> {
  if (hook.runsToCompletion || hook.settlesAtOnce) return true;
  const { effects, tracker } = run;
  tracker.hook(hook.id, { state: 'running', startedAt: effects.now() });
  const answer = await orEndedEarly(
    () => tracker.hook(hook.id, { state: 'pending' }),
    effects.startHook(hook, run.plan.wave, summaryOf(run, `apply ${titleOf(hook.ref)}`)),
  );
  if (answer.kind === 'failed') failHook(run, hook, answer.failures);
  return answer.kind === 'started';
}

function failHook(run: WaveRun, hook: CompactHook, failures: readonly Failure[]): void {
  const message = failures.map((failure) => failure.message).join('; ');
  run.tracker.hook(hook.id, { state: 'failed', finishedAt: run.effects.now(), message });
  run.failures.push(...failures);
}

async function runBatch(run: WaveRun, index: number, batch: CompactBatch): Promise<void> {
  if (batch.changed === 0) {
    // Nothing to write. What changes by hand from now on is found by the comparison at the end of the sync.
    run.tracker.batch(run.index, index, 'succeeded');
    run.tracker.count({ unchanged: batch.count });
    return;
  }
  run.tracker.batch(run.index, index, 'running');
  const verb = batch.kind === 'prune' && run.phase === 'Delete' ? 'delete' : batch.kind;
  const what = batch.count === 1 && batch.titles[0] !== undefined ? batch.titles[0] : `${String(batch.count)} objects`;
  const answer = await orEndedEarly(
    () => run.tracker.batch(run.index, index, 'pending'),
    run.effects.applySegment(run.plan.wave, index, summaryOf(run, `${verb} ${what}`)),
  );
  run.tracker.batch(run.index, index, answer.kind === 'done' ? 'succeeded' : 'failed');
  if (answer.kind === 'failed') run.failures.push(...answer.failures);
  else run.tracker.count({ applied: answer.applied, unchanged: answer.unchanged, pruned: answer.pruned });
}

/** Runs a hook to its verdict, and again after a failure as often as it may be. */
async function runOneHook(run: WaveRun, hook: CompactHook): Promise<void> {
  const { effects, tracker } = run;
  const spent: SpentAttempt[] = [];
  tracker.hook(hook.id, { state: 'running', startedAt: effects.now() });
  for (;;) {
    const ask = spent.length + 1;
    const summary = ask === 1 ? titleOf(hook.ref) : `${titleOf(hook.ref)} · retry ${String(ask - 1)}`;
    const answer = await orEndedEarly(
      () => tracker.hook(hook.id, { state: 'pending' }),
      effects.runHook(hook, run.plan.wave, ask, summaryOf(run, summary)),
    );
    if (answer.kind === 'failed') {
      failHook(run, hook, answer.failures);
      if (answer.failures.some(({ type }) => type === 'ClusterUnavailable')) run.unansweredHooks.push(hook);
      // Attempts before it have verdicts by which they are cleaned up.
      if (spent.length > 0) run.settledHooks.push(hook);
      return;
    }
    // The record counts on where a run begins anew, after a reset.
    const tries = Math.max(spent.length + 1, answer.tries ?? 0);
    if (tries > (hook.retries ?? 0) || !mayBeRetried(answer.verdict) || effects.isEnding()) {
      settleHook(run, hook, answer);
      return;
    }
    await pauseAfter(run, hook, answer, spent);
    if (effects.isEnding()) {
      tracker.hook(hook.id, { spent: [...spent] });
      settleHook(run, hook, answer);
      return;
    }
    spent.push(spentAttempt(answer));
    tracker.hook(hook.id, { startedAt: effects.now() });
  }
}

/** The pause between an attempt that has failed and the next one. */
async function pauseAfter(
  run: WaveRun,
  hook: CompactHook,
  answer: SettledHook,
  before: readonly SpentAttempt[],
): Promise<void> {
  const spent = [...before, spentAttempt(answer)];
  const pauseMs = pauseBefore(spent.length, run.retryPauseMs);
  const { attempt } = answer;
  run.tracker.hook(hook.id, { state: 'running', attempt, spent, nextAt: run.effects.now() + pauseMs });
  await run.effects.pause(pauseMs, summaryOf(run, `${titleOf(hook.ref)} · before retry ${String(spent.length)}`));
}

type SettledHook = Extract<HookAnswer, { readonly kind: 'settled' }>;

function spentAttempt({ attempt, startedAt, verdict }: SettledHook): SpentAttempt {
  const { at, message, evidence } = verdict;
  return { attempt, startedAt, finishedAt: at, message, ...(evidence === undefined ? {} : { evidence }) };
}

function settleHook(run: WaveRun, hook: CompactHook, answer: SettledHook): void {
  const { verdict } = answer;
  run.tracker.count({ hooks: 1 });
  run.settledHooks.push(hook);
  run.tracker.hook(hook.id, {
    state: verdict.outcome,
    attempt: answer.attempt,
    startedAt: answer.startedAt,
    finishedAt: verdict.at,
    message: verdict.message,
    guarantee: answer.gated ? 'exactly-once' : 'at-least-once',
    ...(verdict.evidence === undefined ? {} : { evidence: verdict.evidence }),
  });
  if (verdict.outcome !== 'succeeded') run.failures.push(verdict.failure ?? unexplained(hook, verdict.message));
}

function unexplained(hook: CompactHook, message: string): Failure {
  return { type: 'HookFailed', object: titleOf(hook.ref), message: `hook ${titleOf(hook.ref)} failed: ${message}` };
}

/** What health is waited for: all of the wave's, or that of an `await` segment. */
interface HealthWait {
  readonly what: string;
  readonly deadlineMs: number;
  readonly segment?: number;
}

async function awaitHealth(run: WaveRun, { what, deadlineMs, segment }: HealthWait): Promise<void> {
  const answer = await run.effects.awaitHealthy(run.plan.wave, deadlineMs, summaryOf(run, what), segment);
  if (answer.kind === 'failed') run.failures.push(...answer.failures);
}

function summaryOf(run: WaveRun, what: string): string {
  return `${run.phase} · wave ${String(run.plan.wave)} · ${what}`;
}
