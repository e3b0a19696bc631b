import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';

/** One path of a live object: what stands there, and who owns what below it (nodes of FieldsV1 trees). */
export interface Place {
  readonly live: Json | undefined;
  /** The node of the manager in question. */
  readonly owned: JsonObject;
  /** The nodes of all other managers that own something here. */
  readonly others: readonly JsonObject[];
}

/** A key of an associative list that a manifest may leave out, and what the API server then fills in. */
const KEY_DEFAULTS: JsonObject = { protocol: 'TCP' };

/**
 * Whether the manager owns all that a manifest says at a place. A node without children owns everything below it
 * (an atomic map or list). But so looks a map entry of which every field has gone to others, or was removed: no other
 * manager may own anything below, and what the manifest says must be there.
 */
export function isCovered(desired: Json, place: Place): boolean {
  if (isScalar(desired)) return isChildless(place.owned);
  if (sizeOf(desired) === 0) return true;
  if (isChildless(place.owned)) return place.others.every(isChildless) && isPresent(desired, place.live);
  return Array.isArray(desired)
    ? areItemsCovered(desired as readonly Json[], place)
    : areFieldsCovered(desired as JsonObject, place);
}

function areFieldsCovered(desired: JsonObject, place: Place): boolean {
  return Object.entries(desired).every(([field, value]) => {
    if (value === undefined || value === null) return true;
    const live = isJsonObject(place.live) ? place.live[field] : undefined;
    const below = descend(place, `f:${field}`, live);
    return below !== undefined && isCovered(value, below);
  });
}

/** The items must also stand in the live list in the manifest's order: nobody owns an order, but an apply restores it. */
function areItemsCovered(desired: readonly Json[], place: Place): boolean {
  if (!Array.isArray(place.live)) return false;
  const live = place.live as readonly Json[];
  let last = -1;
  return desired.every((item, index) => {
    const element = elementOf(item, index, place.owned);
    const position = element === undefined ? -1 : live.findIndex((candidate, at) => matches(element, candidate, at));
    if (element === undefined || position <= last) return false;
    last = position;
    const below = descend(place, element, live[position]);
    if (below === undefined) return false;
    // The node of an item of an associative list has its keys below it, so it is never an atomic one.
    return isJsonObject(item) && element.startsWith('k:') ? areFieldsCovered(item, below) : isCovered(item, below);
  });
}

function descend(place: Place, element: string, live: Json | undefined): Place | undefined {
  const owned = place.owned[element];
  if (!isJsonObject(owned)) return undefined;
  return { live, owned, others: place.others.map((node) => node[element]).filter(isJsonObject) };
}

/** The path element (`k:{…}`, `v:…`, `i:…`) of the one owned item that a manifest's item stands for. */
function elementOf(item: Json, index: number, owned: JsonObject): string | undefined {
  const candidates = Object.keys(owned).filter((element) => identifies(element, item, index));
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** Whether a path element may name a manifest's item, in which keys can be left out. */
export function identifies(element: string, item: Json, index: number): boolean {
  if (!element.startsWith('k:') || !isJsonObject(item)) return matches(element, item, index);
  const keys = parsed(element);
  return (
    isJsonObject(keys) &&
    Object.entries(keys).every(([key, value]) => {
      const own = item[key] ?? KEY_DEFAULTS[key];
      return own === undefined || own === value;
    })
  );
}

/** Whether a path element names this very item, in which no key is left out. */
export function matches(element: string, item: Json, index: number): boolean {
  const value = parsed(element);
  switch (element.slice(0, 2)) {
    case 'k:':
      return isJsonObject(value) && isJsonObject(item) && Object.entries(value).every(([key, at]) => item[key] === at);
    case 'v:':
      return isScalar(item) && item === value;
    case 'i:':
      return value === index;
    default:
      return false;
  }
}

function parsed(element: string): Json | undefined {
  try {
    return JSON.parse(element.slice(2)) as Json;
  } catch {
    return undefined;
  }
}

/** Whether every field and item of the manifest's value has a counterpart in the live one, whatever its value. */
function isPresent(desired: Json, live: Json | undefined): boolean {
  if (live === undefined) return false;
  if (Array.isArray(desired)) {
    if (!Array.isArray(live) || live.length !== desired.length) return false;
    const items = live as readonly Json[];
    return (desired as readonly Json[]).every((item, index) => isPresent(item, items[index]));
  }
  if (!isJsonObject(desired)) return true;
  if (sizeOf(desired) === 0) return true;
  return (
    isJsonObject(live) &&
    Object.entries(desired).every(([field, value]) => isAbsent(value) || isPresent(value ?? null, live[field]))
  );
}

function isAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null;
}

/** Whether a node of a FieldsV1 tree has nothing below it: a scalar, or all of an atomic map or list. */
export function isChildless(node: JsonObject): boolean {
  return Object.keys(node).every((element) => element === '.');
}

function isScalar(value: Json): value is string | number | boolean | null {
  return typeof value !== 'object' || value === null;
}

function sizeOf(value: JsonObject | readonly Json[]): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}
