import type { Failure } from '../../core/failures.ts';
import type { Json } from '../../core/json.ts';
import { arrayAt, stringAt } from '../../core/json.ts';
import { DIGEST_ANNOTATION, OWNER_ANNOTATION, fieldManagerOf, ownerOf } from '../../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { annotationsOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import type { ReleasedObject } from '../../core/sync/stored-plan.ts';
import type { JsonPatchStep } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { SyncContext } from '../sync-context.ts';
import { failureIn } from '../sync-context.ts';

/** More looks than an object can need: each follows a change that somebody else made to it. */
const MOST_LOOKS = 20;

/**
 * Lets go of an object that stays when its application is deleted: its owner mark goes, and the application's field manager with
 * what it owned, so that another application may take the object over without a conflict. What is not ours any more, or
 * another object by now, is left alone. Answers a failure where the cluster does not allow it.
 */
export async function letGo(sync: SyncContext, { uid, ...ref }: ReleasedObject): Promise<Failure | undefined> {
  const { cluster, runtime, scope, bundle } = sync;
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const live = await cluster.get(ref, runtime.signal);
    if (live === undefined || uidOf(live) !== uid) return undefined;
    if (annotationsOf(live)[OWNER_ANNOTATION] !== ownerOf(scope.request)) return undefined;
    try {
      await cluster.patch(ref, lettingGo(live, fieldManagerOf(scope.request.application)), runtime.signal);
      return undefined;
    } catch (error) {
      if (isApiError(error, 422) || isApiError(error, 409)) continue;
      const refused = failureIn(bundle, error, ref);
      if (refused === undefined) throw error;
      return refused;
    }
  }
  return contested(ref);
}

/** A JSON Patch that tests that the object is as it was read, and takes our marks and our field manager off it. */
function lettingGo(live: KubernetesObject, manager: string): readonly JsonPatchStep[] {
  const marks = [OWNER_ANNOTATION, DIGEST_ANNOTATION].filter((name) => annotationsOf(live)[name] !== undefined);
  const fields = arrayAt(live, 'metadata', 'managedFields');
  const others = fields.filter((entry) => stringAt(entry, 'manager') !== manager);
  return [
    { op: 'test', path: '/metadata/uid', value: uidOf(live) },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersionOf(live) },
    ...marks.map((name) => ({ op: 'remove' as const, path: `/metadata/annotations/${name.replace('/', '~1')}` })),
    ...(others.length === fields.length ? [] : [managedBy(others)]),
  ];
}

/** The API server takes an empty list for "as it was"; a list with one empty entry is how managers are cleared. */
function managedBy(entries: readonly Json[]): JsonPatchStep {
  return { op: 'replace', path: '/metadata/managedFields', value: entries.length === 0 ? [{}] : entries };
}

function contested(ref: ObjectRef): Failure {
  return {
    type: 'OwnershipConflict',
    object: `${ref.kind} ${ref.name}`,
    message: `${ref.kind} ${ref.name} is changed by somebody else, time and again, so that it can't be let go of`,
  };
}
