import type { WriteMode } from '../../core/apply/write-mode.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { applyObject } from './apply-object.ts';
import { makeAnewOnce, replaceByNewObject } from './make-anew.ts';
import { replaceObject } from './replace-object.ts';
import type { Writing, Written } from './writing.ts';

/**
 * Writes an object the way its sync options ask for; the one way by which a sync writes what its manifests say. May be
 * repeated at any time. Throws `ApiError` and `ConnectionError` as the cluster does, and failures of the catalogue where an
 * object that is to be made anew does not go.
 */
export async function writeObject(writing: Writing, object: KubernetesObject, mode: WriteMode): Promise<Written> {
  switch (mode.kind) {
    case 'apply':
      return applyOrMakeAnew(writing, object, mode);
    case 'replace':
      return replaceObject(writing, object, mode.validation);
    case 'recreate':
      return makeAnewOnce(writing, object, mode.validation);
  }
}

async function applyOrMakeAnew(
  writing: Writing,
  object: KubernetesObject,
  mode: WriteMode & { readonly kind: 'apply' },
): Promise<Written> {
  try {
    return { kind: 'written', object: await applyObject(writing, object, mode), anew: false };
  } catch (error) {
    if (mode.onRefusal === 'fail' || !isApiError(error, 422)) throw error;
    return replaceByNewObject(writing, object, mode.validation, error);
  }
}
