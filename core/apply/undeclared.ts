import type { Json, JsonObject } from '../json.ts';
import { isJsonObject, objectAt } from '../json.ts';
import { UNDECLARED_ANNOTATION } from '../markers.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';

/** The words by which a server-side apply is refused for a field that a kind's schema lacks, after the field's path. */
const UNDECLARED = /(\.(?:\[[^\]]*\]|[^\s[\]])+): field not declared in schema/g;

/**
 * The paths of the fields that an error names as not declared, such as `.spec.containers[name="web"].colour`. The API
 * server has no code for them, and need not name all of them at once.
 */
export function undeclaredPaths(message: string): readonly string[] {
  return [...new Set([...message.matchAll(UNDECLARED)].flatMap(([, path]) => (path === undefined ? [] : [path])))];
}

/**
 * The object without the fields at some paths, and a note of them as an annotation, so that a later look at the live
 * object knows what it can't have. Answers undefined where none of the paths leads to a field of the object.
 */
export function droppingUndeclared(object: KubernetesObject, paths: readonly string[]): KubernetesObject | undefined {
  const known = notedPaths(object);
  const found = paths.filter((path) => without(object, path) !== undefined);
  if (found.length === 0) return undefined;
  const metadata = objectAt(object, 'metadata') ?? {};
  const note = JSON.stringify([...known, ...found].toSorted());
  const noted = {
    ...object,
    metadata: { ...metadata, annotations: { ...annotationsOf(object), [UNDECLARED_ANNOTATION]: note } },
  };
  return found.reduce<KubernetesObject>((rest, path) => without(rest, path) ?? rest, noted);
}

/** The object as it was sent in the end: without the fields that the live object notes as not declared. */
export function withoutUndeclared(desired: KubernetesObject, live: KubernetesObject): KubernetesObject {
  return droppingUndeclared(desired, notedPaths(live)) ?? desired;
}

function notedPaths(object: KubernetesObject): readonly string[] {
  try {
    const noted: unknown = JSON.parse(annotationsOf(object)[UNDECLARED_ANNOTATION] ?? '[]');
    return Array.isArray(noted) ? noted.filter((path) => typeof path === 'string') : [];
  } catch {
    return [];
  }
}

/**
 * A value without what stands at a path. The path is read along the value, because it puts names in one row with neither
 * quotes nor escapes, and names may have dots in them.
 */
function without(value: JsonObject, path: string): JsonObject | undefined;
function without(value: Json | undefined, path: string): Json | undefined;
function without(value: Json | undefined, path: string): Json | undefined {
  if (Array.isArray(value)) return withoutInItem(value as readonly Json[], path);
  if (!isJsonObject(value) || !path.startsWith('.')) return undefined;
  const rest = path.slice(1);
  if (Object.hasOwn(value, rest)) {
    return Object.fromEntries(Object.entries(value).filter(([field]) => field !== rest));
  }
  for (const [field, child] of Object.entries(value)) {
    if (!rest.startsWith(`${field}.`) && !rest.startsWith(`${field}[`)) continue;
    const changed = without(child, rest.slice(field.length));
    if (changed !== undefined) return { ...value, [field]: changed };
  }
  return undefined;
}

function withoutInItem(items: readonly Json[], path: string): readonly Json[] | undefined {
  for (const [index, item] of items.entries()) {
    const element = elementsOf(item, index).find((text) => path.startsWith(text)) ?? keyElementOf(item, path);
    const changed = element === undefined ? undefined : without(item, path.slice(element.length));
    if (changed !== undefined) return items.with(index, changed);
  }
  return undefined;
}

function elementsOf(item: Json, index: number): readonly string[] {
  return [`[${String(index)}]`, `[=${JSON.stringify(item)}]`];
}

/** `[containerPort=80,protocol="TCP"]`, where it names this item; a key that the item leaves out is its kind's default. */
function keyElementOf(item: Json, path: string): string | undefined {
  const end = path.indexOf(']');
  if (!isJsonObject(item) || !path.startsWith('[') || end < 0) return undefined;
  const keys = [...path.slice(1, end).matchAll(/([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)];
  const names = keys.every(([, key = '', value]) => item[key] === undefined || JSON.stringify(item[key]) === value);
  return names && keys.some(([, key = '']) => item[key] !== undefined) ? path.slice(0, end + 1) : undefined;
}
