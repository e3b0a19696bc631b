import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { matches } from '../managed-fields/coverage.ts';
import { fieldEntries } from '../managed-fields/entries.ts';
import type { KubernetesObject } from '../objects.ts';
import type { Path, Step } from './paths.ts';

/**
 * The paths in `object` of the fields that some managers own in the live object of its name, as its `managedFields` say. The
 * keys of an item that is owned in part stay, since they tell which item it is.
 */
export function managedPaths(
  live: KubernetesObject,
  managers: readonly string[],
  object: KubernetesObject,
): readonly Path[] {
  return fieldEntries(live)
    .filter(({ manager }) => managers.includes(manager))
    .flatMap(({ fields }) => pathsOf(fields, object));
}

function pathsOf(node: JsonObject, value: Json, keys: readonly string[] = []): readonly Path[] {
  return Object.entries(node).flatMap(([element, below]) => {
    if (element === '.' || !isJsonObject(below) || keys.includes(element)) return [];
    const found = foundAt(element, value);
    if (found === undefined) return [];
    const { step, value: inner } = found;
    const isWhole = Object.keys(below).every((name) => name === '.');
    return isWhole ? [[step]] : pathsOf(below, inner, keysOf(element)).map((path) => [step, ...path]);
  });
}

/** The field or item of a value that an element of a FieldsV1 tree names, and the step that leads there; undefined where there is none. */
export function foundAt(element: string, value: Json): { readonly step: Step; readonly value: Json } | undefined {
  if (element.startsWith('f:')) {
    const field = element.slice(2);
    const inner = isJsonObject(value) && Object.hasOwn(value, field) ? value[field] : undefined;
    return inner === undefined ? undefined : { step: field, value: inner };
  }
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly Json[];
  const index = items.findIndex((item, at) => matches(element, item, at));
  const item = items[index];
  return item === undefined ? undefined : { step: index, value: item };
}

/** The elements below an item of an associative list that are its keys. */
function keysOf(element: string): readonly string[] {
  if (!element.startsWith('k:')) return [];
  const keys = JSON.parse(element.slice(2)) as JsonObject;
  return Object.keys(keys).map((key) => `f:${key}`);
}
