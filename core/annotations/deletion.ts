import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import { HELM_KEYS } from './keys.ts';
import { readOwnAnnotations } from './own.ts';
import type { ApplicationSyncOptions } from './sync-options.ts';
import { effectiveSyncOptions, readSyncOptions } from './sync-options.ts';
import { readWave } from './waves.ts';

/** What a live object's annotations, and its application, say of its deletion with the application. */
export interface DeletionReading {
  /** Its wave as annotated: the last is deleted first. */
  readonly wave: number;
  /** What asks for an approval before it is deleted: `Delete=confirm`. */
  readonly approval?: string;
  /** `syncline.dev/timeout` in ms. */
  readonly timeoutMs?: number;
  /** Why it stays; absent when it goes. */
  readonly kept?: string;
}

/**
 * Reads a live object's annotations for the deletion of its application; what it says itself goes before the options of its
 * application. Kept are Argo CD's `Delete=false`, Helm's `helm.sh/resource-policy: keep` (which, as in Argo CD, protects here
 * alone and never from a prune) and `syncline.dev/keep`. `Prune=false` does not keep, as in Argo CD.
 */
export function readDeletion(live: KubernetesObject, application?: ApplicationSyncOptions): DeletionReading {
  const annotations = annotationsOf(live);
  const { Delete } = effectiveSyncOptions(application, readSyncOptions(annotations).options);
  const { keep, timeoutMs } = readOwnAnnotations(annotations).own;
  const kept = keptBecause(keep, annotations[HELM_KEYS.resourcePolicy], Delete);
  return {
    wave: readWave(annotations).wave,
    ...(Delete === 'confirm' ? { approval: 'Delete=confirm' } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(kept === undefined ? {} : { kept }),
  };
}

function keptBecause(keep: boolean, policy: string | undefined, deletion: string | undefined): string | undefined {
  if (keep) return 'syncline.dev/keep';
  if (policy === 'keep') return `${HELM_KEYS.resourcePolicy}: keep`;
  return deletion === 'false' ? 'sync option Delete=false' : undefined;
}
