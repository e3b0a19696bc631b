import type { FieldValidation } from '../../core/apply/write-mode.ts';
import { failure } from '../../core/failures.ts';
import { isBeingDeleted } from '../../core/health/rules.ts';
import { objectAt } from '../../core/json.ts';
import { fieldManagerOf } from '../../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { describeRef, refOf, resourceVersionOf } from '../../core/objects.ts';
import type { WriteOptions } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { Writing, Written } from './writing.ts';

/** More looks than an object can need: each follows a change that somebody else made to it. */
const MOST_LOOKS = 10;

/**
 * Puts an object in the place of the live one, as `kubectl replace` does, or creates it where there is none. What somebody
 * changes in between is looked at again. Throws `ClusterUnavailable` where it never holds still.
 */
export async function replaceObject(
  writing: Writing,
  object: KubernetesObject,
  validation: FieldValidation,
): Promise<Written> {
  const ref = refOf(object);
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const live = await writing.cluster.get(ref, writing.runtime.signal);
    // On its way out: the caller tries again once it is gone.
    if (live !== undefined && isBeingDeleted(live)) return { kind: 'written', object: live, anew: false };
    const sent = await keptOver(writing, object, live);
    const written = await (live === undefined
      ? createUnlessThere(writing, sent, validation)
      : putUnlessChanged(writing, withVersionOf(sent, live), validation));
    if (written !== undefined) return { kind: 'written', object: written, anew: false };
  }
  throw restless(ref);
}

/** An object with the fields that are to be kept, as it takes the place of a live one; as it is where there is none. */
export async function keptOver(
  { ignored }: Writing,
  object: KubernetesObject,
  live: KubernetesObject | undefined,
): Promise<KubernetesObject> {
  return live === undefined || ignored === undefined ? object : ignored.kept(object, live, 'whole');
}

/** The options of a POST or PUT on behalf of an application. */
export function writeOptions({ request, dryRun }: Writing, validation: FieldValidation): WriteOptions {
  return {
    fieldManager: fieldManagerOf(request.application),
    validation,
    ...(dryRun ? { dryRun } : {}),
  };
}

/** Creates an object; undefined where one of its name has come first. */
export async function createUnlessThere(
  writing: Writing,
  object: KubernetesObject,
  validation: FieldValidation,
): Promise<KubernetesObject | undefined> {
  try {
    return await writing.cluster.create(object, writeOptions(writing, validation), writing.runtime.signal);
  } catch (error) {
    if (isApiError(error, 409)) return undefined;
    throw error;
  }
}

/** A failure for an object that others change again and again; it may pass. */
export function restless(ref: ObjectRef): Error {
  const object = describeRef(ref);
  return failure('ClusterUnavailable', `${object} is changed by somebody else time and again.`, { object });
}

async function putUnlessChanged(
  writing: Writing,
  object: KubernetesObject,
  validation: FieldValidation,
): Promise<KubernetesObject | undefined> {
  try {
    return await writing.cluster.replace(object, writeOptions(writing, validation), writing.runtime.signal);
  } catch (error) {
    if (isApiError(error, 409) || isApiError(error, 404)) return undefined;
    throw error;
  }
}

/** An object that is refused where the live one of its name is no longer of this version. */
export function withVersionOf(object: KubernetesObject, live: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...objectAt(object, 'metadata'), resourceVersion: resourceVersionOf(live) } };
}
