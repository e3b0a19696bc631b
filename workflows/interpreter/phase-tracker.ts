import type { ApprovalStatus } from '../../core/sync/approval.ts';
import { isDone } from '../../core/sync/resumption.ts';
import type { CompactHook, CompactPhase, CompactSegment, CompactWave } from '../../core/sync/compact-plan.ts';
import type {
  BatchStatus,
  HookStatus,
  PhaseStatus,
  StepState,
  SyncCounts,
  WaveStatus,
} from '../../core/sync/status.ts';

/** Keeps the status of a running phase, and counts what it did. */
export interface PhaseTracker {
  snapshot(): PhaseStatus;
  /** Whether a part of the phase was done, or is passed over, before the phase began. */
  isWaveDone(index: number): boolean;
  isBatchDone(wave: number, segment: number): boolean;
  isHookDone(id: string): boolean;
  /** Whether the resources of a wave are passed over, so that nobody waits for their health. */
  areResourcesSkipped(wave: number): boolean;
  counts(): SyncCounts;
  count(change: Partial<SyncCounts>): void;
  phase(state: StepState, at: number): void;
  wave(index: number, state: StepState, at: number): void;
  /** What is known of a wave's gate, and where the wave stands by it. */
  approval(index: number, approval: ApprovalStatus, state: StepState): void;
  batch(wave: number, segment: number, state: StepState): void;
  hook(id: string, change: Partial<HookStatus>): void;
  /** Ends the phase: whatever of it runs was aborted. */
  aborted(at: number): void;
}

const PENDING = { state: 'pending' } as const;

/** Nothing done yet. */
export const NO_COUNTS: SyncCounts = { applied: 0, unchanged: 0, pruned: 0, hooks: 0 };

/** Two counts in one. */
export function added(counts: SyncCounts, change: Partial<SyncCounts>): SyncCounts {
  return {
    applied: counts.applied + (change.applied ?? 0),
    unchanged: counts.unchanged + (change.unchanged ?? 0),
    pruned: counts.pruned + (change.pruned ?? 0),
    hooks: counts.hooks + (change.hooks ?? 0),
  };
}

/** The status of a phase that has not begun. */
export function pendingPhase(phase: CompactPhase): PhaseStatus {
  return { phase: phase.phase, state: 'pending', waves: phase.waves.map(pendingWave) };
}

function pendingWave(wave: CompactWave): WaveStatus {
  return { wave: wave.wave, state: 'pending', steps: wave.segments.flatMap(pendingSteps) };
}

function pendingSteps(segment: CompactSegment): readonly (HookStatus | BatchStatus)[] {
  if (segment.kind === 'await') return [];
  if (segment.kind === 'hooks') return segment.hooks.map(pendingHook);
  const { kind, count, changed, titles } = segment;
  return [{ kind, state: 'pending', count, changed, titles }];
}

function pendingHook(hook: CompactHook): HookStatus {
  const { id, ref, deadlineMs, guarantee, retries } = hook;
  return {
    kind: 'hook',
    id,
    ref,
    deadlineMs,
    guarantee,
    state: 'pending',
    ...(retries === undefined ? {} : { retries }),
  };
}

/**
 * Makes the tracker of a phase. `changed` is called with the new status at each change; `before` is what the phase of a sync
 * that is resumed had come to.
 */
export function trackPhase(
  plan: CompactPhase,
  changed: (status: PhaseStatus) => void,
  before: PhaseStatus = pendingPhase(plan),
): PhaseTracker {
  let status = before;
  let counts = NO_COUNTS;
  const set = (next: PhaseStatus) => {
    status = next;
    changed(status);
  };
  const changeWave = (index: number, change: (wave: WaveStatus) => WaveStatus) =>
    set({ ...status, waves: status.waves.map((wave, at) => (at === index ? change(wave) : wave)) });
  return {
    snapshot: () => status,
    ...answersFrom(plan, before),
    counts: () => counts,
    count: (change) => {
      counts = added(counts, change);
    },
    phase: (state, at) => set({ ...status, state, ...times(state, at) }),
    wave: (index, state, at) => changeWave(index, (wave) => ({ ...wave, state, ...times(state, at) })),
    approval: (index, approval, state) => changeWave(index, (wave) => ({ ...wave, state, approval })),
    batch: (index, segment, state) =>
      changeWave(index, (wave) => {
        const position = stepOfSegment(plan.waves[index], segment);
        return { ...wave, steps: wave.steps.map((step, at) => (at === position ? { ...step, state } : step)) };
      }),
    hook: (id, change) =>
      set({
        ...status,
        waves: status.waves.map((wave) => ({ ...wave, steps: wave.steps.map((step) => withHook(step, id, change)) })),
      }),
    aborted: (at) => set(abortedPhase(status, at)),
  };
}

/** What was done, or is passed over, before the phase began. */
function answersFrom(
  plan: CompactPhase,
  before: PhaseStatus,
): Pick<PhaseTracker, 'isWaveDone' | 'isBatchDone' | 'isHookDone' | 'areResourcesSkipped'> {
  const steps = before.waves.flatMap((wave) => wave.steps);
  const hooks = new Set(steps.flatMap((step) => (step.kind === 'hook' && isDone(step) ? [step.id] : [])));
  return {
    isWaveDone: (index) => isDone(before.waves[index] ?? PENDING),
    isBatchDone: (wave, segment) =>
      isDone(before.waves[wave]?.steps[stepOfSegment(plan.waves[wave], segment)] ?? PENDING),
    isHookDone: (id) => hooks.has(id),
    areResourcesSkipped: (wave) => {
      const batches = before.waves[wave]?.steps.filter((step) => step.kind !== 'hook') ?? [];
      return batches.length > 0 && batches.every((batch) => batch.state === 'skipped');
    },
  };
}

/** A phase that was ended: whatever of it ran was aborted. */
export function abortedPhase(phase: PhaseStatus, at: number): PhaseStatus {
  return { ...phase, state: 'aborted', finishedAt: at, waves: phase.waves.map((wave) => abortedWave(wave, at)) };
}

function abortedWave(wave: WaveStatus, at: number): WaveStatus {
  if (wave.state === 'waiting') return { ...wave, state: 'skipped' };
  if (wave.state !== 'running') return wave;
  return { ...wave, state: 'aborted', finishedAt: at, steps: wave.steps.map((step) => abortedStep(step, at)) };
}

function abortedStep(step: HookStatus | BatchStatus, at: number): HookStatus | BatchStatus {
  if (step.state !== 'running') return step;
  return step.kind === 'hook' ? { ...step, state: 'aborted', finishedAt: at } : { ...step, state: 'aborted' };
}

function times(state: StepState, at: number): { startedAt: number } | { finishedAt: number } {
  return state === 'running' ? { startedAt: at } : { finishedAt: at };
}

/** A batch is one step of the status, a segment of hooks as many as it has hooks, a wait none. */
function stepOfSegment(wave: CompactWave | undefined, segment: number): number {
  return wave?.segments.slice(0, segment).flatMap(pendingSteps).length ?? 0;
}

function withHook(step: HookStatus | BatchStatus, id: string, change: Partial<HookStatus>): HookStatus | BatchStatus {
  return step.kind === 'hook' && step.id === id ? { ...step, ...change } : step;
}
