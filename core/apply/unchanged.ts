import { isBeingDeleted } from '../health/rules.ts';
import { appliedUnchanged } from '../managed-fields/ownership.ts';
import { replacedUnchanged } from '../managed-fields/replaced.ts';
import { MADE_BY_ANNOTATION, fieldManagerOf } from '../markers.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import { withoutUndeclared } from './undeclared.ts';
import type { WriteMode } from './write-mode.ts';

/** The sync for which a live object is judged. */
interface Judge {
  readonly application: string;
  readonly syncId: string;
}

/**
 * Whether writing `desired` once more would change nothing, judged from the live object alone. In doubt the answer is
 * false: a write too many is harmless. An object that each sync makes anew is unchanged once this sync has made it.
 */
export function isUnchanged(
  desired: KubernetesObject,
  live: KubernetesObject,
  mode: WriteMode,
  { application, syncId }: Judge,
): boolean {
  if (isBeingDeleted(live)) return false;
  const fieldManager = fieldManagerOf(application);
  switch (mode.kind) {
    case 'apply':
      return appliedUnchanged(withoutUndeclared(desired, live), live, fieldManager);
    case 'replace':
      return replacedUnchanged(desired, live, fieldManager);
    case 'recreate':
      return annotationsOf(live)[MADE_BY_ANNOTATION] === syncId;
  }
}
