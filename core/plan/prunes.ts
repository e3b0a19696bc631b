import { DEFAULT_RESOURCE_DEADLINE_MS } from '../deadlines.ts';
import type { ObjectRef } from '../objects.ts';
import { refKey } from '../objects.ts';
import type { PruneStep } from './plan.ts';
import { compareObjects } from './tasks.ts';

/** An object of the application that is to be deleted. */
export interface DeletionTarget {
  readonly ref: ObjectRef;
  readonly uid: string;
  /** Its wave as annotated on the live object. */
  readonly wave: number;
  /** What asks for an approval before it is deleted, e.g. `Prune=confirm`. */
  readonly approval?: string;
  /** How long it may take to go, ms; absent = as long as any resource. */
  readonly timeoutMs?: number;
}

/** An object that the application owns and the bundle no longer has. */
export interface PruneTarget extends DeletionTarget {
  /** `PruneLast=true`, of the live object or the application. */
  readonly pruneLast: boolean;
}

/**
 * The prune steps, in order of wave, kind and name. Waves are reversed among the prunes by swapping the first with the
 * last, the second with the last but one, and so on; those with `pruneLast` share one wave after every other of the
 * Sync phase. `syncWaves` are the waves of the phase's other steps. Mirrors Argo CD's `getSyncTasks`.
 */
export function pruneSteps(targets: readonly PruneTarget[], syncWaves: readonly number[]): readonly PruneStep[] {
  const reversed = reversedWaves(targets.map(({ wave }) => wave));
  const swapped = targets.map((target) => ({ ...target, wave: reversed.get(target.wave) ?? target.wave }));
  const lastWave =
    [...syncWaves, ...swapped.map(({ wave }) => wave)].reduce((last, wave) => Math.max(last, wave), 0) + 1;
  const steps = swapped.map((target) => stepOf(target, 'Sync', target.pruneLast ? lastWave : target.wave));
  return steps.toSorted((one, other) => one.wave - other.wave || compareObjects(one, other));
}

function reversedWaves(waves: readonly number[]): ReadonlyMap<number, number> {
  const distinct = [...new Set(waves)].toSorted((one, other) => one - other);
  return new Map(distinct.map((wave, index) => [wave, distinct[distinct.length - 1 - index] ?? wave]));
}

/**
 * The steps that delete what an application owns, in their order: the waves as they are annotated, the last one first, and in a
 * wave the kinds against the order in which they are applied.
 */
export function deletionSteps(targets: readonly DeletionTarget[]): readonly PruneStep[] {
  const steps = targets.map((target) => stepOf(target, 'Delete', target.wave));
  return steps.toSorted((one, other) => other.wave - one.wave || compareObjects(other, one));
}

function stepOf({ ref, uid, approval, timeoutMs }: DeletionTarget, phase: PruneStep['phase'], wave: number): PruneStep {
  return {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
    name: ref.name,
    id: `${phase}/prune/${refKey(ref)}`,
    action: 'prune',
    phase,
    wave,
    deadlineMs: timeoutMs ?? DEFAULT_RESOURCE_DEADLINE_MS,
    ...(approval === undefined ? {} : { approval }),
    uid,
  };
}
