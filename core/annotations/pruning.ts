import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import { readHookTypes } from './hook-types.ts';
import { readOwnAnnotations } from './own.ts';
import type { ApplicationSyncOptions } from './sync-options.ts';
import { effectiveSyncOptions, readSyncOptions } from './sync-options.ts';
import { readWave } from './waves.ts';

/** What a live object's annotations, and its application, say of pruning it. */
export interface PruneReading {
  /** Its wave as annotated, before pruning reverses the waves. */
  readonly wave: number;
  /** `PruneLast=true`: in a wave after all others. */
  readonly pruneLast: boolean;
  /** What asks for an approval before it is pruned: `Prune=confirm`. */
  readonly approval?: string;
  /** `syncline.dev/timeout` in ms. */
  readonly timeoutMs?: number;
  /** Why it must not be pruned; absent when it may be. */
  readonly kept?: string;
}

/**
 * Reads a live object's annotations for pruning; what it says itself goes before the options of its application. Hooks and
 * skipped objects are never pruned (Argo CD), nor are objects with `syncline.dev/keep` or `Prune=false`.
 */
export function readPruning(live: KubernetesObject, application?: ApplicationSyncOptions): PruneReading {
  const annotations = annotationsOf(live);
  const { Prune, PruneLast } = effectiveSyncOptions(application, readSyncOptions(annotations).options);
  const { keep, timeoutMs } = readOwnAnnotations(annotations).own;
  const kept = keptBecause(readHookTypes(annotations).types.kind !== 'resource', keep, Prune);
  return {
    wave: readWave(annotations).wave,
    pruneLast: PruneLast === 'true',
    ...(Prune === 'confirm' ? { approval: 'Prune=confirm' } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(kept === undefined ? {} : { kept }),
  };
}

function keptBecause(hook: boolean, keep: boolean, prune: string | undefined): string | undefined {
  if (hook) return 'it is a hook or skipped';
  if (keep) return 'syncline.dev/keep';
  return prune === 'false' ? 'sync option Prune=false' : undefined;
}
