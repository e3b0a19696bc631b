import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { isChildless, matches } from '../managed-fields/coverage.ts';
import { fieldEntries, unionOfFields } from '../managed-fields/entries.ts';
import type { KubernetesObject } from '../objects.ts';

/** Who owns what of one place in a live object: nodes of FieldsV1 trees. */
export interface FieldOwners {
  /** The application's own node; undefined where it owns nothing here. */
  readonly own: JsonObject | undefined;
  /** The nodes of all other managers that own something here. */
  readonly others: readonly JsonObject[];
}

/** Who owns a live object's fields, seen by an application with this field manager. */
export function fieldOwners(live: KubernetesObject, fieldManager: string): FieldOwners {
  const entries = fieldEntries(live);
  const isOwn = ({ manager, subresource }: (typeof entries)[number]) => manager === fieldManager && subresource === '';
  const own = entries.filter(isOwn).map(({ fields }) => fields);
  return {
    own: own.length === 0 ? undefined : unionOfFields(own),
    others: entries.filter((entry) => !isOwn(entry)).map(({ fields }) => fields),
  };
}

/** Who owns what one step of a FieldsV1 tree further down. */
export function ownersBelow({ own, others }: FieldOwners, element: string | undefined): FieldOwners {
  const below = (node: JsonObject | undefined): JsonObject | undefined => {
    const child = element === undefined ? undefined : node?.[element];
    return isJsonObject(child) ? child : undefined;
  };
  return { own: below(own), others: others.map(below).filter((node) => node !== undefined) };
}

/** Whether a map or list is owned as a whole by whoever owns it, or nobody is known to own anything of it. */
export function isAtomic({ own, others }: FieldOwners): boolean {
  return [own, ...others].every((node) => node === undefined || isChildless(node));
}

/** The element of a FieldsV1 tree that names an item of a live list; undefined where nobody owns anything of it. */
export function elementOf({ own, others }: FieldOwners, item: Json, index: number): string | undefined {
  return [own, ...others]
    .flatMap((node) => Object.keys(node ?? {}))
    .find((element) => element !== '.' && matches(element, item, index));
}

/** The fields that tell an item of an associative list from the others. */
export function keyFields(element: string | undefined): readonly string[] {
  return element?.startsWith('k:') === true ? Object.keys(JSON.parse(element.slice(2)) as JsonObject) : [];
}

/** The part of a live value that the application alone owns; undefined where there is none. */
export function ownedAlone(live: Json, owners: FieldOwners): Json | undefined {
  if (owners.own === undefined) return undefined;
  if (isChildless(owners.own)) return owners.others.length === 0 ? live : undefined;
  if (Array.isArray(live)) {
    const items = (live as readonly Json[]).map((item, index) => {
      const element = elementOf(owners, item, index);
      const part = ownedAlone(item, ownersBelow(owners, element));
      return isJsonObject(part) && isJsonObject(item) ? { ...fieldsOf(item, keyFields(element)), ...part } : part;
    });
    const found = items.filter((item) => item !== undefined);
    return found.length === 0 ? undefined : found;
  }
  if (!isJsonObject(live)) return undefined;
  const fields = Object.entries(live).flatMap(([field, value]): [string, Json][] => {
    const part = value === undefined ? undefined : ownedAlone(value, ownersBelow(owners, `f:${field}`));
    return part === undefined ? [] : [[field, part]];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** An object's fields of these names, as far as it has them. */
export function fieldsOf(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));
}
