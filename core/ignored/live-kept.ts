import type { Sending } from '../apply/write-mode.ts';
import { comparable } from '../diff/comparable.ts';
import { keyedItems } from '../diff/keyed-list.ts';
import type { Json, JsonObject } from '../json.ts';
import { isJsonObject, objectAt } from '../json.ts';
import { identifies } from '../managed-fields/coverage.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf, isSecret } from '../objects.ts';
import type { FieldOwners } from './field-owners.ts';
import { elementOf, fieldOwners, fieldsOf, isAtomic, keyFields, ownedAlone, ownersBelow } from './field-owners.ts';
import type { Path } from './paths.ts';
import { belowField, belowItem } from './paths.ts';

/** What of a live object is to stay. */
export interface Kept {
  readonly live: KubernetesObject;
  /** Where the fields stand in the live object. A path that leads nowhere keeps nothing. */
  readonly paths: readonly Path[];
  /** That of the application. */
  readonly fieldManager: string;
}

/** A place in the live object. */
interface Place {
  readonly live: Json | undefined;
  readonly paths: readonly Path[];
  readonly owners: FieldOwners;
}

/**
 * An object as it is sent so that some of the live object's fields keep their values, as Argo CD's `RespectIgnoreDifferences`
 * asks for (`normalizeTargetResources` of its `controller/sync.go`): with their live values, but an apply leaves out those that
 * others own, so that it neither takes them over nor runs into a conflict. A field that the live object lacks is
 * sent as it is written. The status, the object's name and Syncline's own annotations are never kept.
 */
export function withLiveKept(desired: KubernetesObject, kept: Kept, sending: Sending): KubernetesObject {
  const owners = fieldOwners(kept.live, kept.fieldManager);
  const place: Place = { live: keepable(kept.live), paths: kept.paths, owners };
  const sent = keptIn(withoutStrings(desired, place), place, sending);
  return withIdentity(isJsonObject(sent) ? sent : {}, desired);
}

const OWN_ANNOTATION = /^syncline\.dev\//;

function keepable(live: KubernetesObject): KubernetesObject {
  const { metadata, ...rest } = comparable(live);
  return { ...rest, metadata: withAnnotations(objectAt(metadata) ?? {}, (key) => !OWN_ANNOTATION.test(key), live) };
}

/** What names the object, and what Syncline says of it, stand as they were to be sent. */
function withIdentity(sent: KubernetesObject, desired: KubernetesObject): KubernetesObject {
  const metadata = {
    ...objectAt(sent, 'metadata'),
    ...fieldsOf(objectAt(desired, 'metadata') ?? {}, ['name', 'namespace']),
  };
  const own = Object.entries(annotationsOf(desired)).filter(([key]) => OWN_ANNOTATION.test(key));
  const annotations =
    own.length === 0 ? {} : { annotations: { ...objectAt(metadata, 'annotations'), ...Object.fromEntries(own) } };
  return { ...sent, ...fieldsOf(desired, ['apiVersion', 'kind']), metadata: { ...metadata, ...annotations } };
}

function withAnnotations(metadata: JsonObject, isTaken: (key: string) => boolean, of: KubernetesObject): JsonObject {
  const { annotations: _all, ...rest } = metadata;
  const taken = Object.entries(annotationsOf(of)).filter(([key]) => isTaken(key));
  return taken.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(taken) };
}

/** A Secret without the `stringData` that would be written over what stays of its `data`. */
function withoutStrings(desired: KubernetesObject, { live, paths }: Place): KubernetesObject {
  const { stringData, ...rest } = desired;
  if (!isSecret(desired) || !isJsonObject(stringData)) return desired;
  const inData = belowField(paths, 'data');
  const standing = Object.keys(objectAt(live, 'data') ?? {});
  const isKept = (key: string): boolean =>
    standing.includes(key) && (inData === undefined || belowField(inData, key) === undefined);
  const sent = Object.entries(stringData).filter(([key]) => !isKept(key));
  return { ...rest, stringData: Object.fromEntries(sent) };
}

function keptIn(desired: Json | undefined, place: Place, sending: Sending): Json | undefined {
  const { live, paths } = place;
  if (paths.length === 0 || live === undefined) return desired;
  // What is owned as a whole can't be sent in part.
  const below = isAtomic(place.owners) ? 'whole' : sending;
  if (Array.isArray(live)) {
    if (desired !== undefined && !Array.isArray(desired)) return desired;
    return keptItems((desired ?? []) as readonly Json[], { ...place, live: live as readonly Json[] }, below);
  }
  if (!isJsonObject(live) || (desired !== undefined && !isJsonObject(desired))) return desired;
  const fields = keptFields(desired ?? {}, { ...place, live }, below);
  return desired === undefined && Object.keys(fields).length === 0 ? undefined : fields;
}

function keptFields(desired: JsonObject, place: Place & { readonly live: JsonObject }, sending: Sending): JsonObject {
  const { live, paths, owners } = place;
  const names = [...new Set([...Object.keys(desired), ...Object.keys(live)])];
  const fields = names.flatMap((field): [string, Json][] => {
    const value = live[field];
    const below = belowField(paths, field);
    const at = { live: value, owners: ownersBelow(owners, `f:${field}`) };
    const sent =
      value === undefined
        ? desired[field]
        : below === undefined
          ? stays(value, at.owners, sending)
          : keptIn(desired[field], { ...at, paths: below }, sending);
    return sent === undefined ? [] : [[field, sent]];
  });
  return Object.fromEntries(fields);
}

/** What is sent for a value that stays as it is. */
function stays(live: Json, owners: FieldOwners, sending: Sending): Json | undefined {
  return sending === 'whole' ? live : ownedAlone(live, owners);
}

/** Items of the manifest in its order; what stays and is not among them comes last. */
function keptItems(
  desired: readonly Json[],
  place: Place & { readonly live: readonly Json[] },
  sending: Sending,
): readonly Json[] | undefined {
  const { live, paths, owners } = place;
  const counterpart = counterparts(desired, live, owners);
  const sent = desired.map((item, index) => {
    const at = counterpart.indexOf(index);
    return at < 0 ? item : keptItem(item, at);
  });
  const added = live.map((_item, at) => (counterpart[at] === undefined ? keptItem(undefined, at) : undefined));
  const items = [...sent, ...added].filter((item) => item !== undefined);
  return items.length === 0 ? undefined : items;

  function keptItem(item: Json | undefined, at: number): Json | undefined {
    const standing = live[at] ?? null;
    const below = belowItem(paths, at, live.length);
    const element = elementOf(owners, standing, at);
    const those = ownersBelow(owners, element);
    if (below === undefined) return stays(standing, those, sending);
    if (item === undefined) return undefined;
    const kept = keptIn(item, { live: standing, paths: below, owners: those }, sending);
    return isJsonObject(kept) && isJsonObject(item) ? { ...kept, ...fieldsOf(item, keyFields(element)) } : kept;
  }
}

/** For each live item the index of the manifest's item that it stands for. */
function counterparts(
  desired: readonly Json[],
  live: readonly Json[],
  owners: FieldOwners,
): readonly (number | undefined)[] {
  if (!isAtomic(owners)) {
    return live.map((item, at) => {
      const element = elementOf(owners, item, at);
      const found = element === undefined ? -1 : desired.findIndex((each, index) => identifies(element, each, index));
      return found < 0 ? undefined : found;
    });
  }
  const keyed = keyedItems(live, desired);
  if (keyed === undefined) return live.map((_item, at) => (at < desired.length ? at : undefined));
  const indexes = new Map(keyed.after.map(({ id }, index) => [id, index]));
  return keyed.before.map(({ id }) => indexes.get(id));
}
