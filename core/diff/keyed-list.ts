import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ItemKey } from './field-path.ts';
import { isKeyValue, keyText } from './field-path.ts';

/**
 * The fields by which Kubernetes tells items of a list apart (its `listMapKeys`), the more telling ones first. The API
 * server fills in what a manifest leaves out of them (`protocol`), and both sides of a comparison come from it.
 */
const KEYS: readonly (readonly string[])[] = [
  ['name'],
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['mountPath'],
  ['devicePath'],
  ['topologyKey', 'whenUnsatisfiable'],
  ['uid'],
  ['ip'],
  ['type'],
];

/** An item of a list, with what tells it from the others. */
export interface KeyedItem {
  readonly key: ItemKey;
  /** The key as a text that is equal for equal keys. */
  readonly id: string;
  readonly item: JsonObject;
}

/** The items of two lists by the first key that tells all of them apart in both; undefined where there is none. */
export function keyedItems(
  before: readonly Json[],
  after: readonly Json[],
): { readonly before: readonly KeyedItem[]; readonly after: readonly KeyedItem[] } | undefined {
  for (const fields of KEYS) {
    const one = keyedBy(fields, before);
    const other = keyedBy(fields, after);
    if (one !== undefined && other !== undefined) return { before: one, after: other };
  }
  return undefined;
}

function keyedBy(fields: readonly string[], list: readonly Json[]): readonly KeyedItem[] | undefined {
  const items = list.map((item) => keyedItem(fields, item));
  const known = items.filter((item) => item !== undefined);
  const distinct = new Set(known.map(({ id }) => id));
  return known.length === list.length && distinct.size === list.length ? known : undefined;
}

function keyedItem(fields: readonly string[], item: Json): KeyedItem | undefined {
  if (!isJsonObject(item)) return undefined;
  const entries = fields.map((field) => [field, item[field]] as const);
  const told = entries.filter((entry): entry is [string, string | number | boolean] => isKeyValue(entry[1]));
  if (told.length !== fields.length) return undefined;
  const key = Object.fromEntries(told);
  return { key, id: keyText(key), item };
}
