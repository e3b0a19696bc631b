import { canonicalJson } from '../apply/canonical-json.ts';
import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import type { FieldPath, ItemKey } from './field-path.ts';
import type { KeyedItem } from './keyed-list.ts';
import { keyedItems } from './keyed-list.ts';

/** What becomes of one field. */
export type FieldChange =
  | { readonly kind: 'added'; readonly path: FieldPath; readonly after: Json }
  | { readonly kind: 'removed'; readonly path: FieldPath; readonly before: Json }
  | { readonly kind: 'changed'; readonly path: FieldPath; readonly before: Json; readonly after: Json }
  /** A list whose items come in another order: their keys. */
  | {
      readonly kind: 'reordered';
      readonly path: FieldPath;
      readonly before: readonly ItemKey[];
      readonly after: readonly ItemKey[];
    };

/**
 * What turns one value into another, field by field. Items of a list are compared by their key where all of them have one,
 * else by their place where the lists are of one length; any other list changes as a whole.
 */
export function fieldChanges(before: Json, after: Json, path: FieldPath = []): readonly FieldChange[] {
  if (isJsonObject(before) && isJsonObject(after)) return mapChanges(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) {
    return listChanges(before as readonly Json[], after as readonly Json[], path);
  }
  return canonicalJson(before) === canonicalJson(after) ? [] : [{ kind: 'changed', path, before, after }];
}

function mapChanges(before: JsonObject, after: JsonObject, path: FieldPath): readonly FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return fields.flatMap((field) => entryChanges(own(before, field), own(after, field), [...path, field]));
}

/** A field called `constructor` is no field of every object. */
function own(object: JsonObject, field: string): Json | undefined {
  return Object.hasOwn(object, field) ? object[field] : undefined;
}

function entryChanges(before: Json | undefined, after: Json | undefined, path: FieldPath): readonly FieldChange[] {
  if (before === undefined) return after === undefined ? [] : [{ kind: 'added', path, after }];
  if (after === undefined) return [{ kind: 'removed', path, before }];
  return fieldChanges(before, after, path);
}

function listChanges(before: readonly Json[], after: readonly Json[], path: FieldPath): readonly FieldChange[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const keyed = before.length === 0 || after.length === 0 ? undefined : keyedItems(before, after);
  if (keyed !== undefined) return itemChanges(keyed.before, keyed.after, path);
  if (before.length !== after.length || ![...before, ...after].every(isJsonObject)) {
    return [{ kind: 'changed', path, before, after }];
  }
  return before.flatMap((item, index) => entryChanges(item, after[index], [...path, { index }]));
}

function itemChanges(
  before: readonly KeyedItem[],
  after: readonly KeyedItem[],
  path: FieldPath,
): readonly FieldChange[] {
  const one = new Map(before.map((item) => [item.id, item]));
  const other = new Map(after.map((item) => [item.id, item]));
  const items = [...before, ...after.filter(({ id }) => !one.has(id))];
  const changes = items.flatMap(({ id, key }) =>
    entryChanges(one.get(id)?.item, other.get(id)?.item, [...path, { key }]),
  );
  // What stays keeps its order, and what is new comes last: any other order is a change of its own.
  const expected = [...before.filter(({ id }) => other.has(id)), ...after.filter(({ id }) => !one.has(id))];
  if (expected.every(({ id }, index) => after[index]?.id === id)) return changes;
  const keys = (list: readonly KeyedItem[]): readonly ItemKey[] => list.map(({ key }) => key);
  return [...changes, { kind: 'reordered', path, before: keys(before), after: keys(after) }];
}
