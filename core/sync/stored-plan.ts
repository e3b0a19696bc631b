import type { WriteMode } from '../apply/write-mode.ts';
import type { ObjectRef } from '../objects.ts';
import type { Phase } from '../phases.ts';
import type { ApplyStep, HookStep, PlanStep, PruneStep, SkippedObject, SyncPlan } from '../plan/plan.ts';
import type { HookGuarantee } from './compact-plan.ts';

/** An apply step whose name and namespace are settled: `namespace` is absent for cluster-scoped kinds alone. */
export interface StoredApply extends ApplyStep {
  readonly name: string;
  /** Whether the live object was already as the manifest wants it when the plan was made. */
  readonly unchanged: boolean;
  /** False where its health is not waited for: it is unchanged, and `ApplyOutOfSyncOnly=true` leaves it alone; absent = true. */
  readonly awaited?: boolean;
  /** How it is written; absent = `PLAIN_APPLY`. */
  readonly write?: WriteMode;
}

/** A hook step whose name is settled; a name made from `generateName` is the one of attempt 1. */
export interface StoredHook extends HookStep {
  readonly name: string;
  readonly guarantee: HookGuarantee;
}

/** A step of a stored plan. */
export type StoredStep = StoredApply | StoredHook | PruneStep;

/** What one activity performs of a wave, in its order. */
export type StoredSegment =
  | { readonly kind: 'prune'; readonly steps: readonly PruneStep[] }
  /** One group a kind, in order; the objects of a group are applied side by side. */
  | { readonly kind: 'apply'; readonly groups: readonly (readonly StoredApply[])[] }
  | { readonly kind: 'hooks'; readonly steps: readonly StoredHook[] }
  /** IDs of steps of earlier segments that must have ended well before the next segment: resources healthy, hooks succeeded. */
  | { readonly kind: 'await'; readonly steps: readonly string[] };

/** One wave; a segment's index names it in `CompactWave.segments` too. */
export interface StoredWave {
  readonly wave: number;
  readonly segments: readonly StoredSegment[];
}

/** One phase of a stored plan. */
export interface StoredPhase {
  readonly phase: Phase;
  readonly waves: readonly StoredWave[];
}

/** An object that stays when its application is deleted, and is let go of. */
export interface ReleasedObject extends ObjectRef {
  readonly uid: string;
}

/** What the end of an application's deletion does. */
export interface StoredDeletion {
  /** What stays, and loses the marks of its owner. */
  readonly released: readonly ReleasedObject[];
  /** The namespace that holds the record, where the application owns it: the last to go. */
  readonly home?: ReleasedObject;
}

/** The full plan as it is kept in the bundle store (JSON): executed exactly, and read by people. */
export interface StoredPlan {
  readonly version: 1;
  /** Digest of the bundle that the steps' `manifest` indexes point into. */
  readonly bundle: string;
  readonly phases: readonly StoredPhase[];
  readonly skipped: readonly SkippedObject[];
  readonly warnings: readonly string[];
  /** Present in the plan of a deletion. */
  readonly deletion?: StoredDeletion;
}

/** A stored plan as the plan that people are shown: each wave's steps in its order. */
export function planOfStored({ phases, skipped, warnings }: StoredPlan): SyncPlan {
  return {
    version: 1,
    phases: phases.map(({ phase, waves }) => ({
      phase,
      waves: waves.map(({ wave, segments }) => ({ wave, steps: segments.flatMap(stepsOfSegment) })),
    })),
    skipped,
    warnings,
  };
}

function stepsOfSegment(segment: StoredSegment): readonly PlanStep[] {
  switch (segment.kind) {
    case 'prune':
    case 'hooks':
      return segment.steps;
    case 'apply':
      return segment.groups.flat();
    case 'await':
      return [];
  }
}

/** The wave of a stored plan, or undefined where it has none of that number. */
export function storedWave(plan: StoredPlan, phase: Phase, wave: number): StoredWave | undefined {
  return plan.phases.find((known) => known.phase === phase)?.waves.find((known) => known.wave === wave);
}

/** All apply steps of a plan, in its order. */
export function applySteps(plan: StoredPlan): readonly StoredApply[] {
  return plan.phases.flatMap(({ waves }) => waves.flatMap(appliesOf));
}

/** The apply steps of a wave, in its order. */
export function appliesOf(wave: StoredWave): readonly StoredApply[] {
  return wave.segments.flatMap((segment) => (segment.kind === 'apply' ? segment.groups.flat() : []));
}

/** The prune steps of a wave. */
export function prunesOf(wave: StoredWave): readonly PruneStep[] {
  return wave.segments.flatMap((segment) => (segment.kind === 'prune' ? segment.steps : []));
}

/** The objects of the bundle that the plan leaves alone because they were not selected. */
export function unselectedRefs(plan: StoredPlan): readonly ObjectRef[] {
  return plan.skipped.flatMap(({ name, unselected, ...object }) =>
    name === null || unselected === undefined ? [] : [{ ...object, name }],
  );
}

/** Whether nothing of a succeeding sync follows a wave. SyncFail follows only a failure, so it has a last wave of its own. */
export function isLastWave(plan: StoredPlan, phase: Phase, wave: number): boolean {
  const succeeding = plan.phases.filter((known) => known.phase !== 'SyncFail');
  const last = phase === 'SyncFail' ? plan.phases.find((known) => known.phase === phase) : succeeding.at(-1);
  return last?.phase === phase && last.waves.at(-1)?.wave === wave;
}

/** All hook steps of a plan, in its order. */
export function hookSteps(plan: StoredPlan): readonly StoredHook[] {
  const segments = plan.phases.flatMap(({ waves }) => waves).flatMap((wave) => wave.segments);
  return segments.flatMap((segment) => (segment.kind === 'hooks' ? segment.steps : []));
}

/** The hook of a step ID, or undefined where the plan has none. */
export function hookStep(plan: StoredPlan, id: string): StoredHook | undefined {
  return hookSteps(plan).find((step) => step.id === id);
}
