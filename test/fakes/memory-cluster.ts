import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../core/json.ts';
import { arrayAt, isJsonObject, objectAt, stringAt } from '../../core/json.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { labelsOf, refKey, refOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import type { Cluster, JsonPatchStep, ListQuery } from '../../kubernetes/cluster.ts';
import { ApiError } from '../../kubernetes/errors.ts';

/** A Cluster in memory, with the rules of the API server that stores of objects lean on: UIDs, resourceVersions, preconditions, conflicts, the size of a Secret. */
export interface MemoryCluster extends Cluster {
  /** The objects that are there now. */
  objects(): readonly KubernetesObject[];
  /** Puts an object there as it is, as somebody else might. */
  plant(object: KubernetesObject): void;
  /** Called before each operation: to count, to fail, or to decide in which order concurrent operations take place. */
  before: (operation: string, object: string) => Promise<void> | void;
}

/** The API server's limit of a Secret's data (MaxSecretSize). */
const SECRET_LIMIT = 1024 * 1024;

/** Makes an empty cluster; objects can be created in these namespaces only. */
export function memoryCluster(namespaces: readonly string[]): MemoryCluster {
  const stored = new Map<string, KubernetesObject>();
  let version = 0;
  const save = (object: KubernetesObject, uid: string): KubernetesObject => {
    refuseLargeSecret(object);
    version += 1;
    const saved = { ...object, metadata: { ...objectAt(object, 'metadata'), uid, resourceVersion: String(version) } };
    stored.set(refKey(refOf(object)), saved);
    return saved;
  };
  const found = (ref: ObjectRef): KubernetesObject => stored.get(refKey(ref)) ?? refuse(404, 'NotFound', ref);
  const notNeeded = (): Promise<never> => Promise.reject(new Error('This fake has no such operation.'));

  const cluster: MemoryCluster = {
    name: 'memory',
    server: 'memory:',
    before: () => undefined,
    objects: () => [...stored.values()],
    plant: (object) => void stored.set(refKey(refOf(object)), object),
    async get(ref, signal) {
      await arrive('get', ref, signal);
      return stored.get(refKey(ref));
    },
    async list(query, signal) {
      await arrive('list', { ...query, name: query.labelSelector ?? '' }, signal);
      const all = [...stored.values()].filter((object) => isSelected(object, query));
      return query.metadataOnly === true
        ? all.map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }))
        : all;
    },
    async create(object, _, signal) {
      const ref = refOf(object);
      await arrive('create', ref, signal);
      if (ref.namespace === undefined || !namespaces.includes(ref.namespace)) refuse(404, 'NotFound', ref);
      if (stored.has(refKey(ref))) refuse(409, 'AlreadyExists', ref);
      return save(object, randomUUID());
    },
    async replace(object, _, signal) {
      const ref = refOf(object);
      await arrive('replace', ref, signal);
      const standing = found(ref);
      if (resourceVersionOf(standing) !== resourceVersionOf(object)) refuse(409, 'Conflict', ref);
      return save(object, uidOf(standing));
    },
    async patch(ref, steps, signal) {
      await arrive('patch', ref, signal);
      const standing = found(ref);
      const patched = steps.reduce(applyStep, standing);
      // The API server does not write what does not change.
      return JSON.stringify(patched) === JSON.stringify(standing) ? standing : save(patched, uidOf(standing));
    },
    async delete(ref, { uid, resourceVersion }, signal) {
      await arrive('delete', ref, signal);
      const standing = stored.get(refKey(ref));
      if (standing === undefined) return false;
      if (uid !== undefined && uid !== uidOf(standing)) refuse(409, 'Conflict', ref);
      if (resourceVersion !== undefined && resourceVersion !== resourceVersionOf(standing))
        refuse(409, 'Conflict', ref);
      return stored.delete(refKey(ref));
    },
    servedKind: notNeeded,
    capabilities: notNeeded,
    apply: notNeeded,
    logs: notNeeded,
    view: notNeeded,
    close: () => Promise.resolve(),
  };

  async function arrive(
    operation: string,
    ref: ObjectRef | (ListQuery & { name: string }),
    signal: AbortSignal,
  ): Promise<void> {
    await cluster.before(operation, ref.name);
    signal.throwIfAborted();
  }
  return cluster;
}

function isSelected(object: KubernetesObject, query: ListQuery): boolean {
  const { kind, namespace } = refOf(object);
  const wanted = (query.labelSelector ?? '').split(',').map((pair) => pair.split('='));
  const labels = labelsOf(object);
  return (
    kind === query.kind && namespace === query.namespace && wanted.every(([key = '', value]) => labels[key] === value)
  );
}

function applyStep(object: JsonObject, step: JsonPatchStep): JsonObject {
  const path = step.path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return step.op === 'add' || step.op === 'replace' ? withValue(object, path, step.value) : object;
}

function withValue(object: JsonObject, [key = '', ...rest]: readonly string[], value: JsonObject[string]): JsonObject {
  if (rest.length === 0) return { ...object, [key]: value };
  const child = object[key];
  if (!isJsonObject(child)) throw new Error(`JSON Patch: nothing at ${key}`);
  return { ...object, [key]: withValue(child, rest, value) };
}

function refuseLargeSecret(object: KubernetesObject): void {
  const values = Object.values(objectAt(object, 'data') ?? {}).filter((value) => typeof value === 'string');
  const bytes = values.reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
  if (stringAt(object, 'kind') === 'Secret' && bytes > SECRET_LIMIT) refuse(422, 'Invalid', refOf(object));
  if (arrayAt(object, 'metadata', 'finalizers').length > 0) throw new Error('This fake knows no finalizers.');
}

function refuse(code: number, reason: string, ref: ObjectRef): never {
  throw new ApiError(`${ref.kind} ${ref.name}: ${reason}`, { code, reason, causes: [], retryAfterSeconds: undefined });
}
