import { handedOver } from '../../core/managed-fields/migration.ts';
import { fieldManagerOf } from '../../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { resourceVersionOf, uidOf } from '../../core/objects.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { restless } from './replace-object.ts';
import type { Writing } from './writing.ts';

/** More looks than an object can need: each follows a change that somebody else made to it. */
const MOST_LOOKS = 10;

/**
 * Lets the predecessors of an object hand their fields over to the application, by a patch of nothing but its
 * `managedFields`. Takes the object as it was read; one that has changed since is read again. `from` are the field
 * managers of the applications it is taken from.
 */
export async function handOver(
  { cluster, request, runtime }: Writing,
  ref: ObjectRef,
  read: KubernetesObject | undefined,
  from: readonly string[],
): Promise<void> {
  const successor = { fieldManager: fieldManagerOf(request.application), apiVersion: ref.apiVersion, from };
  let live = read;
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const fields = live === undefined ? undefined : handedOver(live, successor);
    if (live === undefined || fields === undefined) return;
    try {
      await cluster.patch(
        ref,
        [
          { op: 'test', path: '/metadata/uid', value: uidOf(live) },
          { op: 'replace', path: '/metadata/managedFields', value: fields },
          // The patched object's resourceVersion is its precondition.
          { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersionOf(live) },
        ],
        runtime.signal,
      );
      return;
    } catch (error) {
      if (![404, 409, 422].some((code) => isApiError(error, code))) throw error;
      live = await cluster.get(ref, runtime.signal);
    }
  }
  throw restless(ref);
}
