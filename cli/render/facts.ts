import type { SyncView, Work } from '../../client/following/view.ts';
import { remedyFor } from '../../core/health/remedy.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { titleOf } from '../../core/objects.ts';
import type { Phase } from '../../core/phases.ts';
import type { ApprovalStatus } from '../../core/sync/approval.ts';
import type { HealthProgress, HookProgress } from '../../core/sync/progress.ts';
import type { BatchStatus, HookStatus, Skip, StepState, WaveStatus } from '../../core/sync/status.ts';
import { clockTime } from './times.ts';

/** What is to be said of one step (a hook, or the resources of a wave) at one moment; the tree and the lines both speak from it. */
export interface StepFact {
  /** Equal for the same step of later views. */
  readonly key: string;
  readonly phase: Phase;
  readonly wave: number;
  readonly kind: 'hook' | 'resources';
  readonly title: string;
  readonly state: StepState;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly limitMs?: number;
  /** What it does or waits for: `pod db-migrate-x7k Running`. */
  readonly doing?: string;
  readonly message?: string;
  /** Present where a person has skipped it. */
  readonly skipped?: Skip;
  readonly problem?: Problem;
  /** The latest attempt that has failed and that another follows: `attempt 1 of 4`. */
  readonly spent?: SpentFact;
  /** Names a hook's step, for its log. */
  readonly hook?: { readonly id: string; readonly ref: ObjectRef; readonly progress?: HookProgress };
  /** Counts of a wave's resources that differed from what was live. */
  readonly changed?: number;
}

/** A hook's attempt that has failed and that another follows. Times in ms since 1970. */
export interface SpentFact {
  /** `attempt 1 of 4`. */
  readonly title: string;
  readonly message: string;
  readonly finishedAt: number;
  readonly nextAt?: number;
}

/** Something that will not pass by itself. */
export interface Problem {
  readonly reason: string;
  readonly message: string;
  readonly since?: number;
  readonly remedy?: string;
}

/** A wave with its steps. */
export interface WaveFact {
  readonly phase: Phase;
  readonly wave: number;
  readonly state: StepState;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly steps: readonly StepFact[];
  /** What is known of its gate, where it has one. */
  readonly approval?: ApprovalStatus;
}

/** The waves of a sync in their order, with what is known of each step. */
export function wavesOf(view: SyncView): readonly WaveFact[] {
  return view.status.phases.flatMap((phase) =>
    phase.waves.map((wave) => ({
      phase: phase.phase,
      wave: wave.wave,
      state: wave.state,
      ...times(wave),
      steps: stepsOf(phase.phase, wave, view.work),
      ...(wave.approval === undefined ? {} : { approval: wave.approval }),
    })),
  );
}

function times(from: { readonly startedAt?: number; readonly finishedAt?: number }) {
  return {
    ...(from.startedAt === undefined ? {} : { startedAt: from.startedAt }),
    ...(from.finishedAt === undefined ? {} : { finishedAt: from.finishedAt }),
  };
}

function stepsOf(phase: Phase, wave: WaveStatus, work: readonly Work[]): readonly StepFact[] {
  const hooks = wave.steps.filter((step): step is HookStatus => step.kind === 'hook');
  const batches = wave.steps.filter((step): step is BatchStatus => step.kind !== 'hook');
  const resources = batches.length === 0 ? [] : [resourcesFact(phase, wave, batches, work)];
  return [...resources, ...hooks.map((hook) => hookFact(phase, wave.wave, hook, work))];
}

function hookFact(phase: Phase, wave: number, hook: HookStatus, work: readonly Work[]): StepFact {
  const own = work.find((each) => each.progress?.kind === 'hook' && each.progress.id === hook.id);
  const progress = own?.progress?.kind === 'hook' && hook.state === 'running' ? own.progress : undefined;
  const startedAt = progress?.since ?? hook.startedAt;
  const spent = spentFact(hook);
  const doing = trouble(own) ?? (spent === undefined ? progress?.state : attemptWords(hook, spent, progress));
  return {
    key: hook.id,
    phase,
    wave,
    kind: 'hook',
    title: titleOf(hook.ref),
    state: hook.state,
    ...times({ ...hook, ...(startedAt === undefined ? {} : { startedAt }) }),
    limitMs: hook.deadlineMs,
    ...(doing === undefined ? {} : { doing }),
    ...(hook.message === undefined || hook.message === '' ? {} : { message: hook.message }),
    ...(hook.skipped === undefined ? {} : { skipped: hook.skipped }),
    ...(progress?.problem === undefined ? {} : { problem: withRemedy(progress.problem) }),
    ...(spent === undefined ? {} : { spent }),
    hook: { id: hook.id, ref: hook.ref, ...(progress === undefined ? {} : { progress }) },
  };
}

function spentFact({ spent = [], retries, nextAt }: HookStatus): SpentFact | undefined {
  const last = spent.at(-1);
  if (last === undefined) return undefined;
  const { message, finishedAt } = last;
  const title = attemptTitle(spent.length, retries);
  return { title, message, finishedAt, ...(nextAt === undefined ? {} : { nextAt }) };
}

function attemptTitle(number: number, retries = 0): string {
  return `attempt ${String(number)} of ${String(retries + 1)}`;
}

/** Where a hook stands whose attempt has failed: in the pause after it, or in the next one. */
function attemptWords({ state, spent = [], retries }: HookStatus, failed: SpentFact, progress?: HookProgress) {
  if (state !== 'running') return undefined;
  if (progress !== undefined && progress.attempt > (spent.at(-1)?.attempt ?? 0)) {
    return `${attemptTitle(spent.length + 1, retries)}: ${progress.state}`;
  }
  const next = failed.nextAt === undefined ? '' : `, next at ${clockTime(failed.nextAt)}`;
  return `${failed.title} failed: ${failed.message}${next}`;
}

function trouble(work: Work | undefined): string | undefined {
  return work?.trouble === undefined ? undefined : `try ${work.tries}: ${work.trouble}`;
}

function withRemedy(problem: Omit<Problem, 'remedy'>): Problem {
  const remedy = remedyFor(problem);
  return remedy === undefined ? problem : { ...problem, remedy };
}

/** All resources of a wave are one fact: they are applied together and waited for together. */
function resourcesFact(
  phase: Phase,
  wave: WaveStatus,
  batches: readonly BatchStatus[],
  work: readonly Work[],
): StepFact {
  const state = resourcesState(wave, batches);
  const doing = state === 'running' ? resourcesDoing(phase, work) : undefined;
  const problem = state === 'running' ? resourcesProblem(phase, work) : undefined;
  const skipped = batches.find((batch) => batch.skipped !== undefined)?.skipped;
  return {
    key: `${phase}/${wave.wave}/resources`,
    phase,
    wave: wave.wave,
    kind: 'resources',
    title: resourcesTitle(batches, phase === 'Delete' ? 'delete' : 'prune'),
    state,
    ...times(wave),
    ...(doing === undefined ? {} : { doing }),
    ...(skipped === undefined ? {} : { skipped }),
    ...(problem === undefined ? {} : { problem }),
    changed: batches.reduce((sum, batch) => sum + batch.changed, 0),
  };
}

function resourcesState(wave: WaveStatus, batches: readonly BatchStatus[]): StepState {
  const states = new Set(batches.map((batch) => batch.state));
  if (states.has('failed')) return 'failed';
  // A wave that was not approved has failed, and nothing of it was done.
  if (wave.approval?.state === 'rejected' || wave.approval?.state === 'expired') return batches[0]?.state ?? 'skipped';
  const hooksFailed = wave.steps.some((step) => step.kind === 'hook' && step.state !== 'succeeded');
  if (wave.state === 'failed' && !hooksFailed) return 'failed';
  if (states.size === 1 && !states.has('succeeded')) return batches[0]?.state ?? wave.state;
  // Applied is not done: the wave ends when they are healthy too.
  return wave.state === 'failed' ? 'succeeded' : wave.state;
}

/** `ConfigMap/a, Secret/b` while they fit, `3 objects` when there are more than three. */
function resourcesTitle(batches: readonly BatchStatus[], verb: string): string {
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const titles = batches.flatMap((batch) => batch.titles);
  const prunes = batches.filter((batch) => batch.kind === 'prune').reduce((sum, batch) => sum + batch.count, 0);
  const named = titles.length === count && count <= 3;
  const what = named ? titles.join(', ') : `${count} ${count === 1 ? 'object' : 'objects'}`;
  if (prunes === 0) return what;
  return prunes === count ? `${verb} ${what}` : `${what}, ${prunes} of them pruned`;
}

function resourcesDoing(phase: Phase, work: readonly Work[]): string | undefined {
  const own = work.filter((each) => each.phase === phase && each.activity !== 'runHook');
  const troubled = own.map(trouble).find((each) => each !== undefined);
  if (troubled !== undefined) return troubled;
  const progress = own.map((each) => each.progress).find((each) => each !== undefined);
  if (progress?.kind === 'batch') return `applied ${progress.done} of ${progress.total}`;
  return progress?.kind === 'health' ? healthDoing(progress) : undefined;
}

/** The first problem of those that are waited for, with the object's name: the wave's row has room for none. */
function resourcesProblem(phase: Phase, work: readonly Work[]): Problem | undefined {
  const waiting = work.flatMap(({ phase: own, progress }) =>
    own === phase && progress?.kind === 'health' ? progress.waiting : [],
  );
  const found = waiting.find((each) => each.problem !== undefined);
  if (found?.problem === undefined) return undefined;
  return withRemedy({ ...found.problem, message: `${titleOf(found.ref)}: ${found.problem.message}` });
}

function healthDoing(progress: HealthProgress): string {
  const [first, ...others] = progress.waiting;
  const counted = `${progress.healthy} of ${progress.total} healthy`;
  if (first === undefined) return counted;
  const why = first.message === '' ? first.status : `${first.status}: ${first.message}`;
  const more = others.length === 0 ? '' : `, and ${progress.total - progress.healthy - 1} more`;
  return `${counted} · ${titleOf(first.ref)} ${why}${more}`;
}
