import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import { readHookTypes } from './hook-types.ts';
import { readOwnAnnotations } from './own.ts';
import { readSyncOptions } from './sync-options.ts';
import { readWave } from './waves.ts';

/** What a live object's annotations say of pruning it. */
export interface PruneReading {
  /** Its wave as annotated, before pruning reverses the waves. */
  readonly wave: number;
  /** `PruneLast=true`: in a wave after all others. */
  readonly pruneLast: boolean;
  /** Why it must not be pruned; absent when it may be. */
  readonly kept?: string;
}

/**
 * Reads a live object's annotations for pruning. Hooks and skipped objects are never pruned (Argo CD), nor are objects
 * with `syncline.dev/keep`, `Prune=false`, or `Prune=confirm`, which nobody can confirm yet.
 */
export function readPruning(live: KubernetesObject): PruneReading {
  const annotations = annotationsOf(live);
  const { options } = readSyncOptions(annotations);
  const kept = keptBecause(
    readHookTypes(annotations).types.kind !== 'resource',
    readOwnAnnotations(annotations).own.keep,
    options.Prune,
  );
  const reading = { wave: readWave(annotations).wave, pruneLast: options.PruneLast === 'true' };
  return kept === undefined ? reading : { ...reading, kept };
}

function keptBecause(hook: boolean, keep: boolean, prune: string | undefined): string | undefined {
  if (hook) return 'it is a hook or skipped';
  if (keep) return 'syncline.dev/keep';
  return prune === 'false' || prune === 'confirm' ? `sync-options: Prune=${prune}` : undefined;
}
