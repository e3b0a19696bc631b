import type { Json, JsonObject } from '../../../core/json.ts';
import { arrayAt, isJsonObject, objectAt, stringAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import type { ApplyOptions } from '../../../kubernetes/cluster.ts';

/** What an apply comes to: the object with its ownership, or the fields that other managers own with other values. */
export type Applied =
  | { readonly kind: 'applied'; readonly object: KubernetesObject }
  | { readonly kind: 'conflict'; readonly fields: readonly { readonly field: string; readonly manager: string }[] };

/** Who owns what of an object: a node of a FieldsV1 tree, whose leaves are scalars and whole lists. */
type Fields = JsonObject;

interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly fields: Fields;
}

/** What names an object or is the server's to write is owned by nobody. */
const UNOWNED = new Set(['apiVersion', 'kind', 'status']);
const UNOWNED_METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
]);

/** The manager of what was written before the first apply. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * A server-side apply of objects made of maps and scalars (lists are taken whole): conflicts by field and manager, fields
 * that the manager no longer sets are removed, forced fields change their owner.
 */
export function serverSideApply(
  live: KubernetesObject | undefined,
  desired: KubernetesObject,
  { fieldManager, force }: ApplyOptions,
): Applied {
  const fields = fieldsOf(desired);
  const owners = live === undefined ? [] : ownersOf(live);
  const others = owners.filter(({ manager, operation }) => manager !== fieldManager || operation !== 'Apply');
  const before = owners.find((owner) => !others.includes(owner))?.fields ?? {};
  const conflicts = others.flatMap(({ manager, fields: owned }) =>
    overlaps(owned, fields, live, desired).map((field) => ({ field, manager })),
  );
  if (conflicts.length > 0 && force !== true) return { kind: 'conflict', fields: conflicts };
  const keep = others.map((other) => ({ ...other, fields: minusChanged(other.fields, fields, live, desired) }));
  const merged = mergedWith(live ?? {}, desired) as KubernetesObject;
  const unwanted = keep.reduce<Fields>((left, other) => minus(left, other.fields), minus(before, fields));
  const object = without(merged, unwanted) as KubernetesObject;
  const managers = [...keep.filter((owner) => Object.keys(owner.fields).length > 0), apply(fieldManager, fields)];
  return { kind: 'applied', object: withManagedFields(object, managers, stringAt(desired, 'apiVersion') ?? '') };
}

function apply(manager: string, fields: Fields): Owner {
  return { manager, operation: 'Apply', fields };
}

/** The fields that a manifest makes its manager own. */
function fieldsOf(object: KubernetesObject): Fields {
  const tree: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    if (UNOWNED.has(key) || value === undefined) continue;
    const node = key === 'metadata' && isJsonObject(value) ? metadataFields(value) : nodeOf(value);
    if (key !== 'metadata' || Object.keys(node).length > 0) tree[`f:${key}`] = node;
  }
  return tree;
}

function metadataFields(metadata: JsonObject): Fields {
  return nodeOf(Object.fromEntries(Object.entries(metadata).filter(([key]) => !UNOWNED_METADATA.has(key))));
}

function nodeOf(value: Json): Fields {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, child]) => (child === undefined ? [] : [[`f:${key}`, nodeOf(child)]])),
  );
}

function ownersOf(live: KubernetesObject): readonly Owner[] {
  const entries = arrayAt(live, 'metadata', 'managedFields').filter(isJsonObject);
  if (entries.length === 0) return [{ manager: BEFORE_FIRST_APPLY, operation: 'Update', fields: fieldsOf(live) }];
  return entries.map((entry) => ({
    manager: stringAt(entry, 'manager') ?? '',
    operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
    fields: objectAt(entry, 'fieldsV1') ?? {},
  }));
}

function withManagedFields(object: KubernetesObject, owners: readonly Owner[], apiVersion: string): KubernetesObject {
  const managedFields = owners.map(({ manager, operation, fields }) => ({
    manager,
    operation,
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  }));
  return { ...object, metadata: { ...objectAt(object, 'metadata'), managedFields } };
}

/** The owners of an object after somebody has written it by PUT or PATCH: what changed is theirs. Unchanged where nobody ever applied it. */
export function ownedAfterUpdate(before: KubernetesObject, after: KubernetesObject, manager: string): KubernetesObject {
  const entries = arrayAt(before, 'metadata', 'managedFields').filter(isJsonObject);
  if (entries.length === 0) return after;
  const all = fieldsOf(after);
  const owners = ownersOf(before).map((owner) => ({
    ...owner,
    fields: within(minusChanged(owner.fields, all, before, after), all),
  }));
  const unowned = owners.reduce<Fields>((left, owner) => minus(left, owner.fields), all);
  const kept = owners.filter((owner) => Object.keys(owner.fields).length > 0);
  const theirs: readonly Owner[] =
    Object.keys(unowned).length === 0 ? [] : [{ manager, operation: 'Update', fields: unowned }];
  return withManagedFields(after, [...kept, ...theirs], stringAt(after, 'apiVersion') ?? '');
}

/** Dotted paths of the leaves that both trees have and that differ in value. */
function overlaps(owned: Fields, fields: Fields, live: Json | undefined, desired: Json | undefined): readonly string[] {
  return shared(owned, fields).flatMap((element) => {
    const key = element.slice(2);
    const [below, wanted] = [owned[element], fields[element]] as [Fields, Fields];
    const [from, to] = [childOf(live, key), childOf(desired, key)];
    if (!isLeaf(below) && !isLeaf(wanted)) return overlaps(below, wanted, from, to).map((path) => `.${key}${path}`);
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [`.${key}`];
  });
}

/** A tree without the leaves whose values the other one changes. */
function minusChanged(owned: Fields, fields: Fields, live: Json | undefined, desired: Json | undefined): Fields {
  const left = Object.entries(owned).flatMap(([element, node]): [string, Json][] => {
    const wanted = fields[element];
    if (wanted === undefined) return [[element, node as Fields]];
    const key = element.slice(2);
    const [from, to] = [childOf(live, key), childOf(desired, key)];
    if (isLeaf(node as Fields) || isLeaf(wanted as Fields))
      return JSON.stringify(from) === JSON.stringify(to) ? [[element, node as Fields]] : [];
    const below = minusChanged(node as Fields, wanted as Fields, from, to);
    return Object.keys(below).length === 0 ? [] : [[element, below]];
  });
  return Object.fromEntries(left);
}

/** The leaves of the first tree that the second lacks. */
function minus(fields: Fields, others: Fields): Fields {
  const left = Object.entries(fields).flatMap(([element, node]): [string, Json][] => {
    const other = others[element];
    if (other === undefined) return [[element, node as Fields]];
    if (isLeaf(node as Fields)) return [];
    const below = minus(node as Fields, other as Fields);
    return Object.keys(below).length === 0 ? [] : [[element, below]];
  });
  return Object.fromEntries(left);
}

/** The part of a tree that the other one has too. */
function within(fields: Fields, others: Fields): Fields {
  return minus(fields, minus(fields, others));
}

function shared(a: Fields, b: Fields): readonly string[] {
  return Object.keys(a).filter((element) => b[element] !== undefined);
}

function isLeaf(node: Fields): boolean {
  return Object.keys(node).length === 0;
}

function childOf(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) ? value[key] : undefined;
}

function mergedWith(live: Json | undefined, desired: Json): Json {
  if (!isJsonObject(live) || !isJsonObject(desired)) return desired;
  const merged: Record<string, Json | undefined> = { ...live };
  for (const [key, value] of Object.entries(desired)) {
    if (value !== undefined) merged[key] = mergedWith(live[key], value);
  }
  return merged;
}

function without(value: Json, fields: Fields): Json {
  if (!isJsonObject(value)) return value;
  const left: Record<string, Json | undefined> = { ...value };
  for (const [element, node] of Object.entries(fields)) {
    const key = element.slice(2);
    const child = left[key];
    if (isLeaf(node as Fields) || child === undefined) Reflect.deleteProperty(left, key);
    else left[key] = without(child, node as Fields);
  }
  return left;
}
