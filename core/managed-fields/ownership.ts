import { base64Of } from '../base64.ts';
import type { Json, JsonObject } from '../json.ts';
import { arrayAt, isJsonObject, objectAt, stringAt, stringMapAt } from '../json.ts';
import { DIGEST_ANNOTATION } from '../markers.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf, isSecret } from '../objects.ts';
import type { Place } from './coverage.ts';
import { isCovered } from './coverage.ts';

/** Fields that name an object or that the server alone writes: no field manager ever owns them. */
const UNOWNED = ['apiVersion', 'kind'];
const UNOWNED_METADATA = ['name', 'namespace', 'creationTimestamp', 'generation', 'selfLink'];

/**
 * Whether a server-side apply of `desired` by `fieldManager` would change nothing, judged from the live object: it
 * carries the same digest, and the manager still owns every field of `desired`. A field that somebody edits by hand
 * moves to another manager, and one that is removed is owned by nobody, so either shows. In doubt the answer is false:
 * an apply too many is harmless. Format of the fields:
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ (FieldsV1).
 */
export function appliedUnchanged(desired: KubernetesObject, live: KubernetesObject, fieldManager: string): boolean {
  const digest = annotationsOf(desired)[DIGEST_ANNOTATION];
  if (digest === undefined || annotationsOf(live)[DIGEST_ANNOTATION] !== digest) return false;
  const entries = arrayAt(live, 'metadata', 'managedFields').filter(isJsonObject);
  const own = entries.find((entry) => isOwn(entry, fieldManager, stringAt(desired, 'apiVersion')));
  const owned = objectAt(own, 'fieldsV1');
  if (owned === undefined) return false;
  const others = entries.filter((entry) => entry !== own).map((entry) => objectAt(entry, 'fieldsV1') ?? {});
  const place: Place = { live, owned, others };
  return isCovered(applicable(desired), place) && areStringsKept(desired, live);
}

function isOwn(entry: JsonObject, fieldManager: string, apiVersion: string | undefined): boolean {
  return (
    stringAt(entry, 'manager') === fieldManager &&
    stringAt(entry, 'operation') === 'Apply' &&
    stringAt(entry, 'apiVersion') === apiVersion &&
    (stringAt(entry, 'subresource') ?? '') === '' &&
    stringAt(entry, 'fieldsType') === 'FieldsV1'
  );
}

/** The part of a manifest that a write makes somebody own. Generators write a hollow status, which the server drops. */
export function applicable(desired: KubernetesObject): JsonObject {
  const fields = without(desired, isHollow(desired['status']) ? [...UNOWNED, 'status'] : UNOWNED);
  const metadata = desired['metadata'];
  return isJsonObject(metadata) ? { ...fields, metadata: without(metadata, UNOWNED_METADATA) } : fields;
}

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/**
 * Whether the values of a Secret's `stringData` stand in the live `data`. They are owned as `stringData`, which no live
 * Secret has, so an edit of `data` by hand does not move them.
 */
export function areStringsKept(desired: KubernetesObject, live: KubernetesObject): boolean {
  if (!isSecret(desired)) return true;
  return Object.entries(stringMapAt(desired, 'stringData')).every(
    ([key, text]) => stringAt(live, 'data', key) === base64Of(text),
  );
}

/** Nothing but empty strings, lists and maps, such as the status that controller-gen writes into a CRD. */
function isHollow(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.values(value).every(isHollow);
}
