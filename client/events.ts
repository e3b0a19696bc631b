import type { Phase } from '../core/phases.ts';
import type { Progress } from '../core/sync/progress.ts';
import type { BatchStatus, HookStatus, StepState, SyncResult, SyncState, WaveStatus } from '../core/sync/status.ts';
import type { SyncView } from './view.ts';

/** Something that happened to a sync, as `watch` tells it. */
export type SyncEvent =
  | { readonly kind: 'sync'; readonly state: SyncState }
  | { readonly kind: 'phase'; readonly phase: Phase; readonly state: StepState }
  | { readonly kind: 'wave'; readonly phase: Phase; readonly wave: number; readonly state: StepState }
  | { readonly kind: 'hook'; readonly phase: Phase; readonly wave: number; readonly hook: HookStatus }
  | { readonly kind: 'batch'; readonly phase: Phase; readonly wave: number; readonly batch: BatchStatus }
  | { readonly kind: 'progress'; readonly phase?: Phase; readonly progress: Progress }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'ended'; readonly result: SyncResult };

/** What changed between two views, in the order of the plan; everything that has begun, when there is no earlier view. */
export function changesBetween(before: SyncView | undefined, after: SyncView): readonly SyncEvent[] {
  const { status, result } = after;
  return [
    ...(status.state === before?.status.state ? [] : [{ kind: 'sync' as const, state: status.state }]),
    ...status.warnings
      .slice(before?.status.warnings.length ?? 0)
      .map((message) => ({ kind: 'warning' as const, message })),
    ...status.phases.flatMap((phase) => {
      const known = before?.status.phases.find((each) => each.phase === phase.phase);
      const changed = phase.state !== (known?.state ?? 'pending');
      return [
        ...(changed ? [{ kind: 'phase' as const, phase: phase.phase, state: phase.state }] : []),
        ...phase.waves.flatMap((wave) =>
          waveChanges(
            phase.phase,
            known?.waves.find((each) => each.wave === wave.wave),
            wave,
          ),
        ),
      ];
    }),
    ...progressChanges(before, after),
    ...(result === undefined || before?.result !== undefined ? [] : [{ kind: 'ended' as const, result }]),
  ];
}

function waveChanges(phase: Phase, before: WaveStatus | undefined, after: WaveStatus): readonly SyncEvent[] {
  const { wave, state } = after;
  const steps = after.steps.flatMap((step, at): readonly SyncEvent[] => {
    const known = before?.steps[at];
    const sameAttempt = step.kind !== 'hook' || known?.kind !== 'hook' || known.attempt === step.attempt;
    if (step.state === (known?.state ?? 'pending') && sameAttempt) return [];
    return [
      step.kind === 'hook' ? { kind: 'hook', phase, wave, hook: step } : { kind: 'batch', phase, wave, batch: step },
    ];
  });
  return [...(state === (before?.state ?? 'pending') ? [] : [{ kind: 'wave' as const, phase, wave, state }]), ...steps];
}

function progressChanges(before: SyncView | undefined, after: SyncView): readonly SyncEvent[] {
  const known = new Set(before?.work.map((work) => JSON.stringify(work.progress)));
  return after.work.flatMap((work): readonly SyncEvent[] => {
    if (work.progress === undefined || known.has(JSON.stringify(work.progress))) return [];
    return [{ kind: 'progress', ...(work.phase === undefined ? {} : { phase: work.phase }), progress: work.progress }];
  });
}
