import { DEFAULT_RESOURCE_DEADLINE_MS } from '../deadlines.ts';
import type { ObjectRef } from '../objects.ts';
import { refKey } from '../objects.ts';
import type { PruneStep } from './plan.ts';
import { compareObjects } from './tasks.ts';

/** An object that the application owns and the bundle no longer has. */
export interface PruneTarget {
  readonly ref: ObjectRef;
  readonly uid: string;
  /** Its wave as annotated on the live object. */
  readonly wave: number;
  /** `PruneLast=true`, of the live object or the application. */
  readonly pruneLast: boolean;
  /** What asks for an approval before it is deleted, e.g. `Prune=confirm`. */
  readonly approval?: string;
  /** How long it may take to go, ms; absent = as long as any resource. */
  readonly timeoutMs?: number;
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
  const steps = swapped.map((target) => stepOf(target, target.pruneLast ? lastWave : target.wave));
  return steps.toSorted((one, other) => one.wave - other.wave || compareObjects(one, other));
}

function reversedWaves(waves: readonly number[]): ReadonlyMap<number, number> {
  const distinct = [...new Set(waves)].toSorted((one, other) => one - other);
  return new Map(distinct.map((wave, index) => [wave, distinct[distinct.length - 1 - index] ?? wave]));
}

function stepOf({ ref, uid, approval, timeoutMs }: PruneTarget, wave: number): PruneStep {
  return {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
    name: ref.name,
    id: `Sync/prune/${refKey(ref)}`,
    action: 'prune',
    phase: 'Sync',
    wave,
    deadlineMs: timeoutMs ?? DEFAULT_RESOURCE_DEADLINE_MS,
    ...(approval === undefined ? {} : { approval }),
    uid,
  };
}
