import type { Json } from '../../../core/json.ts';
import { isJsonObject } from '../../../core/json.ts';
import type { KubernetesObject, ObjectRef } from '../../../core/objects.ts';
import type { JsonPatchStep } from '../../../kubernetes/cluster.ts';
import { refuse } from './refusals.ts';

/** An object after a JSON Patch (RFC 6902). A failed test, or a path that is not there, is refused with 422, as the API server does. */
export function patched(object: KubernetesObject, steps: readonly JsonPatchStep[], ref: ObjectRef): KubernetesObject {
  return steps.reduce<Json>((at, step) => changedAt(at, keysOf(step.path), step, ref), object) as KubernetesObject;
}

function keysOf(path: string): readonly string[] {
  const keys = path.split('/').slice(1);
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function changedAt(at: Json | undefined, path: readonly string[], step: JsonPatchStep, ref: ObjectRef): Json {
  const [key = '', ...rest] = path;
  if (Array.isArray(at)) return changedItem(at as readonly Json[], key, rest, step, ref);
  if (!isJsonObject(at)) refuse(422, 'Invalid', ref);
  if (rest.length > 0) return { ...at, [key]: changedAt(at[key], rest, step, ref) };
  if (step.op !== 'add' && at[key] === undefined) refuse(422, 'Invalid', ref);
  if (step.op === 'remove') return Object.fromEntries(Object.entries(at).filter(([known]) => known !== key));
  if (step.op !== 'test') return { ...at, [key]: step.value };
  if (JSON.stringify(at[key]) !== JSON.stringify(step.value)) refuse(422, 'Invalid', ref);
  return at;
}

function changedItem(
  list: readonly Json[],
  key: string,
  rest: readonly string[],
  step: JsonPatchStep,
  ref: ObjectRef,
): Json {
  const items = [...list];
  const index = Number(key);
  if (index >= items.length) refuse(422, 'Invalid', ref);
  if (rest.length > 0) items[index] = changedAt(items[index], rest, step, ref);
  else if (step.op === 'remove') items.splice(index, 1);
  else refuse(422, 'Invalid', ref);
  return items;
}
