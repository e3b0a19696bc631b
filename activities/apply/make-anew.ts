import type { FieldValidation } from '../../core/apply/write-mode.ts';
import { failure } from '../../core/failures.ts';
import { isBeingDeleted } from '../../core/health/rules.ts';
import { objectAt, stringAt } from '../../core/json.ts';
import { MADE_BY_ANNOTATION } from '../../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { annotationsOf, describeRef, refOf, uidOf } from '../../core/objects.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { awaitDeparture } from '../departure.ts';
import { stoppingPropagationOf } from '../propagation.ts';
import { applyObject } from './apply-object.ts';
import { createUnlessThere, keptOver, restless, writeOptions } from './replace-object.ts';
import type { Writing, Written } from './writing.ts';

/** More looks than an object can need: each follows a change that somebody else made to it. */
const MOST_LOOKS = 10;

/**
 * Deletes what stands under an object's name and creates it anew, once in a sync: the new object names the sync that made
 * it, so that whoever repeats the step, after a crash or beside a slow predecessor, leaves it alone. It may be a Job that
 * has run a migration by then.
 */
export async function makeAnewOnce(
  writing: Writing,
  object: KubernetesObject,
  validation: FieldValidation,
): Promise<Written> {
  const { cluster, request, runtime } = writing;
  const ref = refOf(object);
  let marked = annotated(object, MADE_BY_ANNOTATION, request.syncId);
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const live = await cluster.get(ref, runtime.signal);
    marked = await keptOver(writing, marked, live);
    if (writing.dryRun) return tryAnew(writing, marked, validation, live);
    if (live !== undefined && !isBeingDeleted(live) && annotationsOf(live)[MADE_BY_ANNOTATION] === request.syncId) {
      return { kind: 'written', object: live, anew: true };
    }
    if (!(await writing.mayWrite())) return { kind: 'fenced' };
    if (live !== undefined) {
      await remove(writing, live);
      continue;
    }
    const created = await createUnlessThere(writing, marked, validation);
    if (created !== undefined) return { kind: 'written', object: created, anew: true };
  }
  throw restless(ref);
}

/**
 * For an object whose change was refused: makes it anew if that helps, which a dry run of the new object under another
 * name tells beforehand, so that nothing is deleted that can't be made again. Throws what that dry run was answered, or
 * the refusal where a new object would be the same.
 */
export async function replaceByNewObject(
  writing: Writing,
  object: KubernetesObject,
  validation: FieldValidation,
  refusal: unknown,
): Promise<Written> {
  const { cluster, runtime } = writing;
  const live = await cluster.get(refOf(object), runtime.signal);
  if (live === undefined || isNamedByContent(refOf(object))) throw refusal;
  const anew = await keptOver(writing, object, live);
  const tried = await tryAnew(writing, anew, validation, live);
  if (writing.dryRun) return tried;
  if (!(await writing.mayWrite())) return { kind: 'fenced' };
  await remove(writing, live);
  if (!(await writing.mayWrite())) return { kind: 'fenced' };
  return { kind: 'written', object: await applyObject(writing, anew, { validation }), anew: true };
}

/** Lets the API server judge the new object: under a name it makes up where the old one is still there. */
async function tryAnew(
  writing: Writing,
  object: KubernetesObject,
  validation: FieldValidation,
  live: KubernetesObject | undefined,
): Promise<Written> {
  const { cluster, runtime } = writing;
  const options = { ...writeOptions(writing, validation), dryRun: true };
  const isThere = live !== undefined;
  if (isThere && isNamedByContent(refOf(object))) return { kind: 'written', object, anew: true };
  const copy = await cluster.create(isThere ? copyOf(object) : object, options, runtime.signal);
  const { generateName: _prefix, ...metadata } = objectAt(copy, 'metadata') ?? {};
  const name = refOf(object).name;
  return { kind: 'written', object: { ...copy, metadata: { ...metadata, name } }, anew: isThere };
}

/** The object under a name the server makes up: its own is taken by the object it will replace. */
export function copyOf(object: KubernetesObject): KubernetesObject {
  const { name: _taken, ...metadata } = objectAt(object, 'metadata') ?? {};
  return { ...object, metadata: { ...metadata, generateName: `${stringAt(object, 'metadata', 'name') ?? 'copy'}-` } };
}

/** Kinds whose name has a meaning, so that a copy under another name would be refused. */
const NAMED_BY_CONTENT: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'APIService']);

/** Whether the name of an object follows from what is in it. */
export function isNamedByContent({ kind }: Pick<ObjectRef, 'kind'>): boolean {
  return NAMED_BY_CONTENT.has(kind);
}

/** Deletes an object, whatever has become of it since it was read, and waits until it is gone. */
async function remove(writing: Writing, live: KubernetesObject): Promise<void> {
  const { cluster, request, runtime } = writing;
  const ref = refOf(live);
  const propagation = stoppingPropagationOf(request);
  if (!isBeingDeleted(live)) {
    try {
      await cluster.delete(ref, { uid: uidOf(live), propagation }, runtime.signal);
    } catch (error) {
      // Another object has its name by now: look again.
      if (!isApiError(error, 409)) throw error;
      return;
    }
  }
  if ((await awaitDeparture({ cluster, runtime }, live)) === 'stays') throw stuck(live);
}

function stuck(live: KubernetesObject): Error {
  const object = describeRef(refOf(live));
  return failure('ApplyFailed', `${object} is to be made anew, but the old one is being deleted and does not go.`, {
    object,
    remedy: 'see what holds it: metadata.finalizers, or a pod that does not end',
  });
}

function annotated(object: KubernetesObject, key: string, value: string): KubernetesObject {
  const annotations = { ...annotationsOf(object), [key]: value };
  return { ...object, metadata: { ...objectAt(object, 'metadata'), annotations } };
}
