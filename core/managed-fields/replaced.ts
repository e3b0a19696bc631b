import type { Json, JsonObject } from '../json.ts';
import { isJsonObject, stringAt } from '../json.ts';
import { DIGEST_ANNOTATION } from '../markers.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import { identifies, matches } from './coverage.ts';
import type { FieldEntry } from './entries.ts';
import { fieldEntries, unionOfFields } from './entries.ts';
import { applicable, areStringsKept } from './ownership.ts';
import { isOfPredecessor } from './predecessors.ts';
import { yieldsToManifests } from './yielding.ts';

/**
 * Whether a PUT of `desired` by `fieldManager` would change nothing, judged from the live object: it carries the same
 * digest, each field of `desired` is the manager's or has the manifest's value, and nobody has added a field by hand. A PUT
 * makes its manager own only what it changes, so that a field which stood there before is told by its value. In doubt the
 * answer is false: a PUT too many is harmless.
 */
export function replacedUnchanged(desired: KubernetesObject, live: KubernetesObject, fieldManager: string): boolean {
  const digest = annotationsOf(desired)[DIGEST_ANNOTATION];
  if (digest === undefined || annotationsOf(live)[DIGEST_ANNOTATION] !== digest) return false;
  const entries = fieldEntries(live).filter(({ subresource }) => subresource === '');
  const owned = unionOfFields(entries.filter(({ manager }) => manager === fieldManager).map(({ fields }) => fields));
  const fields = comparable(desired);
  return (
    stands(fields, live, owned) &&
    areStringsKept(desired, live) &&
    entries.filter(isByHand).every((entry) => !reachesBeyond(entry.fields, fields))
  );
}

/** The part of a manifest that can stand in a live object: neither what the server turns into something else, nor a status. */
function comparable(desired: KubernetesObject): JsonObject {
  const { status: _status, stringData, ...fields } = applicable(desired);
  return stringData === undefined || stringAt(desired, 'kind') === 'Secret' ? fields : { ...fields, stringData };
}

/** What people do with kubectl to a live object, in contrast to the manifests they write with it. */
function isByHand(entry: FieldEntry): boolean {
  return entry.manager.startsWith('kubectl') && yieldsToManifests(entry.manager) && !isOfPredecessor(entry);
}

/** Whether all a manifest says stands in the live value; `owned` is the node of a FieldsV1 tree, where there is one. */
function stands(desired: Json, live: Json | undefined, owned: JsonObject | undefined): boolean {
  if (Array.isArray(desired)) return areItemsStanding(desired as readonly Json[], live, owned);
  if (isJsonObject(desired)) return areFieldsStanding(desired, live, owned);
  // The server may have written a value its own way (1000m as 1): it is the manager's all the same.
  return desired === live || desired === null || (live !== undefined && owned !== undefined);
}

function areFieldsStanding(desired: JsonObject, live: Json | undefined, owned: JsonObject | undefined): boolean {
  const fields = isJsonObject(live) ? live : {};
  return Object.entries(desired).every(
    ([field, value]) => value === undefined || stands(value, fields[field], nodeAt(owned, `f:${field}`)),
  );
}

function areItemsStanding(desired: readonly Json[], live: Json | undefined, owned: JsonObject | undefined): boolean {
  const items = Array.isArray(live) ? (live as readonly Json[]) : [];
  if (items.length !== desired.length) return false;
  return desired.every((item, index) => {
    const there = items[index];
    const element = Object.keys(owned ?? {}).find((key) => there !== undefined && matches(key, there, index));
    return stands(item, there, element === undefined ? undefined : nodeAt(owned, element));
  });
}

/** Whether a FieldsV1 tree names something that a manifest does not say. */
function reachesBeyond(owned: JsonObject, desired: Json): boolean {
  return Object.entries(owned).some(([element, node]) => {
    if (element === '.') return false;
    const value = valueOf(element, desired);
    return value === undefined || (isJsonObject(node) && reachesBeyond(node, value));
  });
}

function valueOf(element: string, desired: Json): Json | undefined {
  if (element.startsWith('f:')) return isJsonObject(desired) ? (desired[element.slice(2)] ?? undefined) : undefined;
  if (!Array.isArray(desired)) return undefined;
  return (desired as readonly Json[]).find((item, index) => identifies(element, item, index));
}

function nodeAt(owned: JsonObject | undefined, element: string): JsonObject | undefined {
  const node = owned?.[element];
  return isJsonObject(node) ? node : undefined;
}
