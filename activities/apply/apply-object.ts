import { droppingUndeclared, undeclaredPaths } from '../../core/apply/undeclared.ts';
import type { FieldValidation, WriteMode } from '../../core/apply/write-mode.ts';
import { yieldsToManifests } from '../../core/managed-fields/yielding.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { refOf } from '../../core/objects.ts';
import { ApiError, isApiError } from '../../kubernetes/errors.ts';
import { applyOptions, conflictingManagers } from '../field-management.ts';
import { restless, withVersionOf } from './replace-object.ts';
import type { Writing } from './writing.ts';

/** What of a write mode a server-side apply goes by. */
type Applying = Pick<WriteMode & { readonly kind: 'apply' }, 'validation' | 'adoption'>;

/** More looks than an object can need: each follows a change that somebody else made to it. */
const MOST_LOOKS = 10;

/** More rounds than an object has unknown fields: the API server names at least one of them each time. */
const MOST_ROUNDS = 50;

/**
 * Applies an object as its application's field manager. A conflict with nobody but managers that give way to manifests (a
 * hand edit with kubectl, an application that moves here, one it is taken from) is settled by taking their fields over; any other is thrown.
 * Server-side apply refuses a field its kind does not know whatever `fieldValidation` says, so where such fields are to be
 * ignored they are left out once the API server has named them.
 */
export async function applyObject(
  writing: Writing,
  object: KubernetesObject,
  { validation, adoption }: Applying,
): Promise<KubernetesObject> {
  const yields = (manager: string) => yieldsToManifests(manager) || adoption?.from.includes(manager) === true;
  let sent = object;
  for (let round = 1; ; round += 1) {
    try {
      return await applyKeeping(writing, sent, validation, yields);
    } catch (error) {
      const rest = validation === 'Ignore' && round < MOST_ROUNDS ? withoutNamed(sent, error) : undefined;
      if (rest === undefined) throw error;
      sent = rest;
    }
  }
}

function withoutNamed(object: KubernetesObject, error: unknown): KubernetesObject | undefined {
  return error instanceof ApiError ? droppingUndeclared(object, undeclaredPaths(error.message)) : undefined;
}

/**
 * Applies an object so that fields which are to be kept stay as they are. It is sent for the very version of the live object
 * that it was made for, since a value that is sent along may have changed by then.
 */
async function applyKeeping(
  writing: Writing,
  object: KubernetesObject,
  validation: FieldValidation,
  yields: (manager: string) => boolean,
): Promise<KubernetesObject> {
  const { cluster, ignored, runtime } = writing;
  const ref = refOf(object);
  if (ignored?.keeps(ref) !== true) return applyYielded(writing, object, validation, yields);
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const live = await cluster.get(ref, runtime.signal);
    const sent = live === undefined ? object : withVersionOf(await ignored.kept(object, live, 'apply'), live);
    try {
      return await applyYielded(writing, sent, validation, yields);
    } catch (error) {
      if (!isOutdated(error)) throw error;
    }
  }
  throw restless(ref);
}

/** Whether an object has changed, or is gone, since the version that an apply names. */
function isOutdated(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && conflictingManagers(error).length === 0;
}

async function applyYielded(
  { cluster, request, runtime, dryRun }: Writing,
  object: KubernetesObject,
  validation: FieldValidation,
  yields: (manager: string) => boolean,
): Promise<KubernetesObject> {
  const options = {
    ...applyOptions(request),
    ...(validation === 'Strict' ? {} : { validation }),
    ...(dryRun ? { dryRun } : {}),
  };
  try {
    return await cluster.apply(object, options, runtime.signal);
  } catch (error) {
    if (!isApiError(error, 409)) throw error;
    const managers = conflictingManagers(error);
    if (managers.length === 0 || !managers.every(yields)) throw error;
    return cluster.apply(object, { ...options, force: true }, runtime.signal);
  }
}
