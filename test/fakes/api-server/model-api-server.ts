import type { Json, JsonObject } from '../../../core/json.ts';
import { arrayAt, isJsonObject, objectAt, stringAt } from '../../../core/json.ts';
import type { KubernetesObject, ObjectRef } from '../../../core/objects.ts';
import { refKey, refOf, resourceVersionOf, uidOf } from '../../../core/objects.ts';
import type { ApplyOptions, DeleteOptions, JsonPatchStep, ListQuery } from '../../../kubernetes/cluster.ts';
import { patched } from './json-patch.ts';
import { refuse } from './refusals.ts';
import { isSelected } from './selection.ts';
import { ownedAfterUpdate, serverSideApply } from './server-side-apply.ts';

/** One change of a stored object, as a watch tells it. */
export interface Change {
  readonly type: 'added' | 'modified' | 'deleted';
  /** The object as it is now; of a deleted one as it was last. */
  readonly object: KubernetesObject;
  readonly before?: KubernetesObject;
}

/**
 * The store of an API server, whose every operation takes effect at once: UIDs, resourceVersions, preconditions, conflicts,
 * JSON Patch, server-side apply, finalizers and foreground deletion. It has no controllers: they are told of each change
 * and write by `write` and `remove`. A contract test holds it against a real API server.
 */
export interface ModelApiServer {
  get(ref: ObjectRef): KubernetesObject | undefined;
  byUid(uid: string): KubernetesObject | undefined;
  objects(): readonly KubernetesObject[];
  list(query: ListQuery): readonly KubernetesObject[];
  create(object: KubernetesObject, dryRun?: boolean): KubernetesObject;
  replace(object: KubernetesObject): KubernetesObject;
  apply(object: KubernetesObject, options: ApplyOptions): KubernetesObject;
  patch(ref: ObjectRef, steps: readonly JsonPatchStep[]): KubernetesObject;
  delete(ref: ObjectRef, options: DeleteOptions): boolean;
  /** Writes an object that has its UID as a controller does: without preconditions, and without becoming its manager. */
  write(object: KubernetesObject): KubernetesObject;
  /** Writes a part of an object's status. Nothing where there is no object of that UID. */
  writeStatus(uid: string, status: JsonObject): void;
  /** Takes an object away, whatever stands in its way. */
  remove(uid: string): void;
  /** Every change so far, in order. */
  readonly changes: readonly Change[];
  /** Called after each change has been stored. */
  onChange: (change: Change) => void;
}

/** The finalizer with which the garbage collector keeps an owner until its dependants are gone. */
export const FOREGROUND = 'foregroundDeletion';

/** The finalizer with which it keeps an owner until its dependants are nobody's. */
export const ORPHAN = 'orphan';

/** Who writes by POST, PUT and PATCH. */
const WRITER = 'model';

/** Kinds to which the API server itself gives a phase. */
const BORN_PENDING = new Set(['Pod', 'PersistentVolumeClaim']);

/** Makes an empty store. `now` is its clock, ms since 1970. */
export function modelApiServer(now: () => number): ModelApiServer {
  const stored = new Map<string, KubernetesObject>();
  const keys = new Map<string, string>();
  const changes: Change[] = [];
  let version = 0;
  let uids = 0;

  const tell = (change: Change): void => {
    changes.push(change);
    server.onChange(change);
  };
  const save = (object: KubernetesObject): KubernetesObject => {
    const key = refKey(refOf(object));
    const before = stored.get(key);
    if (before !== undefined && isSame(before, object)) return before;
    version += 1;
    const saved = withMetadata(object, { resourceVersion: String(version) });
    stored.set(key, saved);
    keys.set(uidOf(saved), key);
    tell(before === undefined ? { type: 'added', object: saved } : { type: 'modified', object: saved, before });
    return stored.get(key) ?? saved;
  };
  const take = (object: KubernetesObject): void => {
    version += 1;
    stored.delete(refKey(refOf(object)));
    keys.delete(uidOf(object));
    tell({ type: 'deleted', object });
  };
  /** A finalizer that goes is what ends a deletion. */
  const saveOrTake = (object: KubernetesObject): KubernetesObject => {
    if (!isLeaving(object) || isKept(object)) return save(object);
    take(object);
    return object;
  };
  const add = (object: KubernetesObject, dryRun: boolean): KubernetesObject => {
    const ref = refOf(object);
    if (ref.namespace !== undefined && !stored.has(`/Namespace//${ref.namespace}`)) refuseNamespace(ref);
    if (stored.has(refKey(ref))) refuse(409, 'AlreadyExists', ref);
    refuseInvalid(object);
    const uid = dryRun ? 'dry-run' : `uid-${String((uids += 1))}`;
    const status = BORN_PENDING.has(ref.kind) ? { status: { phase: 'Pending' } } : {};
    const born = withMetadata({ ...status, ...object }, { uid, creationTimestamp: timestamp(now()) });
    return dryRun ? born : save(born);
  };
  const found = (ref: ObjectRef): KubernetesObject => stored.get(refKey(ref)) ?? refuse(404, 'NotFound', ref);

  const server: ModelApiServer = {
    changes,
    onChange: () => undefined,
    get: (ref) => stored.get(refKey(ref)),
    byUid: (uid) => stored.get(keys.get(uid) ?? ''),
    objects: () => [...stored.values()],
    list: (query) => [...stored.values()].filter((object) => isSelected(object, query)),
    create: (object, dryRun = false) => add(object, dryRun),
    replace(object) {
      const standing = found(refOf(object));
      const wanted = resourceVersionOf(object);
      if (wanted !== '' && wanted !== resourceVersionOf(standing)) refuse(409, 'Conflict', refOf(object));
      const { uid, creationTimestamp } = objectAt(standing, 'metadata') ?? {};
      const written = withMetadata(object, { uid: uid ?? '', creationTimestamp: creationTimestamp ?? '' });
      return saveOrTake(ownedAfterUpdate(standing, written, WRITER));
    },
    apply(object, options) {
      const ref = refOf(object);
      const standing = stored.get(refKey(ref));
      const applied = serverSideApply(standing, object, options);
      if (applied.kind === 'conflict') refuseConflict(ref, applied.fields);
      if (standing === undefined) return add(applied.object, options.dryRun === true);
      return options.dryRun === true ? applied.object : save(applied.object);
    },
    patch(ref, steps) {
      const standing = found(ref);
      return saveOrTake(ownedAfterUpdate(standing, patched(standing, steps, ref), WRITER));
    },
    delete(ref, options) {
      const standing = stored.get(refKey(ref));
      if (standing === undefined) return false;
      checkPreconditions(standing, options, ref);
      if (options.dryRun === true) return true;
      const finalizers = new Set(arrayAt(standing, 'metadata', 'finalizers'));
      if (options.propagation === 'Foreground') finalizers.add(FOREGROUND);
      if (options.propagation === 'Orphan') finalizers.add(ORPHAN);
      saveOrTake(
        withMetadata(standing, {
          ...(finalizers.size === 0 ? {} : { finalizers: [...finalizers] }),
          ...(isLeaving(standing) ? {} : { deletionTimestamp: timestamp(now()) }),
        }),
      );
      return true;
    },
    write: (object) => saveOrTake(object),
    writeStatus(uid, status) {
      const live = server.byUid(uid);
      if (live !== undefined) save({ ...live, status: { ...objectAt(live, 'status'), ...status } });
    },
    remove(uid) {
      const live = server.byUid(uid);
      if (live !== undefined) take(live);
    },
  };
  return server;
}

/** A time as Kubernetes writes it: whole seconds. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** An object with other metadata. */
export function withMetadata(object: KubernetesObject, metadata: JsonObject): KubernetesObject {
  return { ...object, metadata: { ...objectAt(object, 'metadata'), ...metadata } };
}

/** Whether an object is being deleted. */
export function isLeaving(object: KubernetesObject): boolean {
  return stringAt(object, 'metadata', 'deletionTimestamp') !== undefined;
}

/** What a deletion waits for: finalizers, and the containers of a pod that runs. */
function isKept(object: KubernetesObject): boolean {
  if (arrayAt(object, 'metadata', 'finalizers').length > 0) return true;
  return object['kind'] === 'Pod' && stringAt(object, 'status', 'phase') === 'Running';
}

/** The API server does not write what does not change. */
function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Json, index) => isSame(item, b[index] as Json));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const [mine, theirs] = [Object.keys(a), Object.keys(b)];
  return mine.length === theirs.length && mine.every((key) => isSame(a[key], b[key]));
}

function checkPreconditions(live: KubernetesObject, { uid, resourceVersion }: DeleteOptions, ref: ObjectRef): void {
  if (uid !== undefined && uid !== uidOf(live)) refuse(409, 'Conflict', ref);
  if (resourceVersion !== undefined && resourceVersion !== resourceVersionOf(live)) refuse(409, 'Conflict', ref);
}

/** A Pod that names its node is on it already, so that it can't be held back. */
function refuseInvalid(object: KubernetesObject): void {
  const gates = arrayAt(object, 'spec', 'schedulingGates');
  if (object['kind'] === 'Pod' && gates.length > 0 && stringAt(object, 'spec', 'nodeName') !== undefined)
    refuse(422, 'Invalid', refOf(object));
}

function refuseNamespace(ref: ObjectRef): never {
  const { namespace = '' } = ref;
  refuse(404, `namespaces "${namespace}" not found`, ref);
}

function refuseConflict(
  ref: ObjectRef,
  fields: readonly { readonly field: string; readonly manager: string }[],
): never {
  const causes = fields.map(({ field, manager }) => ({
    field,
    message: `conflict with "${manager}"`,
    type: 'FieldManagerConflict',
  }));
  refuse(409, 'Conflict', ref, causes);
}
