import type { JsonObject } from '../json.ts';
import { arrayAt, isJsonObject, objectAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';

/** One entry of `metadata.managedFields`: which manager owns which fields, by which kind of write. */
export interface FieldEntry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  /** Empty for writes of the object itself. */
  readonly subresource: string;
  /** A FieldsV1 tree. */
  readonly fields: JsonObject;
  /** As it stands in the object. */
  readonly written: JsonObject;
}

/** The entries of a live object that are of a known format. */
export function fieldEntries(live: KubernetesObject): readonly FieldEntry[] {
  const entries = arrayAt(live, 'metadata', 'managedFields').filter(isJsonObject);
  return entries
    .filter((entry) => stringAt(entry, 'fieldsType') === 'FieldsV1')
    .map((entry) => ({
      manager: stringAt(entry, 'manager') ?? '',
      operation: stringAt(entry, 'operation') ?? '',
      apiVersion: stringAt(entry, 'apiVersion') ?? '',
      subresource: stringAt(entry, 'subresource') ?? '',
      fields: objectAt(entry, 'fieldsV1') ?? {},
      written: entry,
    }));
}

/** The tree of all fields that stand in any of some FieldsV1 trees. */
export function unionOfFields(trees: readonly JsonObject[]): JsonObject {
  return trees.reduce<JsonObject>(joined, {});
}

function joined(one: JsonObject, other: JsonObject): JsonObject {
  const added = Object.entries(other).map(([element, node]) => {
    const known = one[element];
    return [element, isJsonObject(known) && isJsonObject(node) ? joined(known, node) : node] as const;
  });
  return { ...one, ...Object.fromEntries(added) };
}
