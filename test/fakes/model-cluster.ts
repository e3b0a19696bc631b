import type { Json, JsonObject } from '../../core/json.ts';
import { arrayAt, booleanAt, isJsonObject, objectAt, stringAt } from '../../core/json.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { labelsOf, refKey, refOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import type { Cluster, DeleteOptions, JsonPatchStep, ListQuery, LiveView } from '../../kubernetes/cluster.ts';
import { ApiError } from '../../kubernetes/errors.ts';

/** What a started Job or Pod does: ends after a while of the model's clock, or runs on. */
export type Behaviour =
  { readonly kind: 'succeed' | 'fail'; readonly afterMs: number; readonly reason?: string } | { readonly kind: 'run' };

/** A Job or Pod that began to run. */
export interface Start {
  readonly uid: string;
  readonly name: string;
  readonly at: number;
}

/** A deletion of an object. */
export interface Deletion extends Pick<DeleteOptions, 'propagation'> {
  readonly name: string;
  readonly dryRun: boolean;
}

/**
 * An API server and a Job controller in memory, on a clock of their own: time passes only where somebody waits for a change
 * that does not come. UIDs, resourceVersions, preconditions, JSON Patch tests and finalizers are the API server's. A view is
 * as old as the last look at it, as a watch may be.
 */
export interface ModelCluster extends Cluster {
  /** Everything that ever began to run, in order: a Job that is (no longer) suspended, a Pod without scheduling gates. */
  readonly starts: readonly Start[];
  /** Every deletion that was asked for and found its object, in order. */
  readonly deletions: readonly Deletion[];
  behaviour: Behaviour;
  /** What every container has written. */
  log: string;
  /** Changes what is created, as a webhook may. */
  admit: (object: KubernetesObject) => KubernetesObject;
  now(): number;
  /** Does something once the clock has come to a time. */
  at(time: number, act: () => void): void;
  advance(ms: number): void;
  objects(kind?: string): readonly KubernetesObject[];
  find(kind: string, name: string): KubernetesObject | undefined;
  /** Puts an object there as somebody else might, and lets the controllers see it. */
  plant(object: KubernetesObject): KubernetesObject;
  /** Puts an object there with the UID it has, as if somebody had changed it. */
  adopt(object: KubernetesObject): void;
  /** Takes an object away whatever stands in its way, as `kubectl delete --force` does. */
  remove(kind: string, name: string): void;
  /** Writes an object's status. */
  setStatus(uid: string, status: JsonObject): void;
}

/** Makes an empty cluster whose clock begins at `startMs`. */
export function modelCluster(startMs = Date.parse('2026-01-01T00:00:00Z')): ModelCluster {
  const stored = new Map<string, KubernetesObject>();
  const starts: Start[] = [];
  const started = new Set<string>();
  const deletions: Deletion[] = [];
  let agenda: { readonly time: number; readonly act: () => void }[] = [];
  let clock = startMs;
  let version = 0;
  let uids = 0;

  const save = (object: KubernetesObject, uid: string): KubernetesObject => {
    version += 1;
    const saved = withMetadata(object, { uid, resourceVersion: String(version) });
    stored.set(refKey(refOf(saved)), saved);
    control(saved);
    return stored.get(refKey(refOf(saved))) ?? saved;
  };
  const add = (object: KubernetesObject): KubernetesObject => {
    uids += 1;
    const status = BORN_PENDING.has(stringAt(object, 'kind') ?? '') ? { status: { phase: 'Pending' } } : {};
    return save(withMetadata({ ...status, ...object }, { creationTimestamp: isoOf(clock) }), `uid-${String(uids)}`);
  };
  const byUid = (uid: string) => [...stored.values()].find((object) => uidOf(object) === uid);
  const setStatus = (uid: string, status: JsonObject) => {
    const live = byUid(uid);
    if (live !== undefined) save({ ...live, status: { ...objectAt(live, 'status'), ...status } }, uid);
  };

  /** The Job controller and the kubelet: starts what may start, and ends it when its time has come. */
  function control(object: KubernetesObject): void {
    const uid = uidOf(object);
    if (!mayRun(object) || started.has(uid)) return;
    started.add(uid);
    const name = stringAt(object, 'metadata', 'name') ?? '';
    starts.push({ uid, name, at: clock });
    setStatus(uid, { startTime: isoOf(clock), ...(stringAt(object, 'kind') === 'Pod' ? { phase: 'Running' } : {}) });
    if (stringAt(object, 'kind') === 'Job') add(podOf(object));
    const { behaviour } = cluster;
    if (behaviour.kind === 'run') return;
    const end = () => setStatus(uid, endStatus(object, behaviour, clock));
    if (behaviour.afterMs === 0) end();
    else agenda.push({ time: clock + behaviour.afterMs, act: end });
  }

  function advance(ms: number): void {
    const until = clock + ms;
    for (;;) {
      const next = agenda.filter(({ time }) => time <= until).sort((a, b) => a.time - b.time)[0];
      if (next === undefined) break;
      agenda = agenda.filter((event) => event !== next);
      clock = Math.max(clock, next.time);
      next.act();
    }
    clock = Math.max(clock, until);
  }

  function take(object: KubernetesObject): void {
    stored.delete(refKey(refOf(object)));
    version += 1;
    for (const other of stored.values()) if (isOwnedBy(other, uidOf(object))) take(other);
  }

  /** Lets an object's dependants stay when it goes. */
  function disown(object: KubernetesObject): void {
    for (const other of [...stored.values()])
      if (isOwnedBy(other, uidOf(object))) save(withMetadata(other, { ownerReferences: [] }), uidOf(other));
  }

  const found = (ref: ObjectRef): KubernetesObject => stored.get(refKey(ref)) ?? refuse(404, 'NotFound', ref);

  const cluster: ModelCluster = {
    name: 'model',
    server: 'model:',
    starts,
    deletions,
    behaviour: { kind: 'succeed', afterMs: 0 },
    log: '',
    admit: (object) => object,
    now: () => clock,
    at: (time, act) => void agenda.push({ time, act }),
    advance,
    objects: (kind) => [...stored.values()].filter((object) => kind === undefined || object['kind'] === kind),
    find: (kind, name) => cluster.objects(kind).find((object) => refOf(object).name === name),
    plant: (object) => add(object),
    adopt: (object) => void save(object, uidOf(object)),
    remove(kind, name) {
      const live = cluster.find(kind, name);
      if (live !== undefined) take(live);
    },
    setStatus,
    async get(ref, signal) {
      signal.throwIfAborted();
      return stored.get(refKey(ref));
    },
    async list(query, signal) {
      signal.throwIfAborted();
      return [...stored.values()].filter((object) => isSelected(object, query));
    },
    async create(object, _, signal) {
      signal.throwIfAborted();
      const admitted = cluster.admit(object);
      if (stored.has(refKey(refOf(admitted)))) refuse(409, 'AlreadyExists', refOf(admitted));
      return add(admitted);
    },
    async replace(object, _, signal) {
      signal.throwIfAborted();
      const standing = found(refOf(object));
      if (resourceVersionOf(standing) !== resourceVersionOf(object)) refuse(409, 'Conflict', refOf(object));
      return save(object, uidOf(standing));
    },
    async apply(object, _, signal) {
      signal.throwIfAborted();
      const standing = stored.get(refKey(refOf(object)));
      if (standing === undefined) return add(object);
      return save(merged(standing, object), uidOf(standing));
    },
    async patch(ref, steps, signal) {
      signal.throwIfAborted();
      const standing = found(ref);
      const patched = steps.reduce<Json>((at, step) => applyStep(at, step, ref), standing) as KubernetesObject;
      return save(patched, uidOf(standing));
    },
    async delete(ref, options, signal) {
      signal.throwIfAborted();
      const standing = stored.get(refKey(ref));
      if (standing === undefined) return false;
      checkPreconditions(standing, options, ref);
      deletions.push({ name: ref.name, propagation: options.propagation, dryRun: options.dryRun === true });
      if (options.dryRun === true) return true;
      if (options.propagation === 'Orphan') disown(standing);
      if (arrayAt(standing, 'metadata', 'finalizers').length === 0) take(standing);
      else save(withMetadata(standing, { deletionTimestamp: isoOf(clock) }), uidOf(standing));
      return true;
    },
    logs: async () => cluster.log,
    servedKind: async (apiVersion, kind) => ({
      apiVersion,
      kind,
      plural: `${kind.toLowerCase()}s`,
      namespaced: !CLUSTER_SCOPED.has(kind),
      verbs: [],
    }),
    capabilities: () => Promise.reject(new Error('a model has no version')),
    async view(query, signal) {
      signal.throwIfAborted();
      return viewOf(query);
    },
    close: () => Promise.resolve(),
  };

  function viewOf(query: ListQuery): LiveView {
    let seen = version;
    let objects = [...stored.values()].filter((object) => isSelected(object, query));
    return {
      get: (name) => objects.find((object) => refOf(object).name === name),
      all: () => objects,
      async changed(timeoutMs, signal) {
        signal.throwIfAborted();
        await Promise.resolve();
        const nextEvent = Math.min(...agenda.map(({ time }) => time)) - clock;
        if (seen === version) advance(Math.min(timeoutMs, Math.max(0, nextEvent)));
        signal.throwIfAborted();
        seen = version;
        objects = [...stored.values()].filter((object) => isSelected(object, query));
      },
      close: () => undefined,
    };
  }
  return cluster;
}

/** Kinds without a namespace, of those that tests use. */
const CLUSTER_SCOPED = new Set(['Namespace', 'ClusterRole', 'CustomResourceDefinition']);

/** Kinds to which the API server itself gives a phase. */
const BORN_PENDING = new Set(['Pod', 'PersistentVolumeClaim']);

/** As Kubernetes writes times: whole seconds. */
function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function withMetadata(object: KubernetesObject, metadata: JsonObject): KubernetesObject {
  return { ...object, metadata: { ...objectAt(object, 'metadata'), ...metadata } };
}

function merged(live: KubernetesObject, object: KubernetesObject): KubernetesObject {
  const { labels, annotations, ...metadata } = objectAt(object, 'metadata') ?? {};
  return {
    ...withMetadata(live, {
      ...metadata,
      labels: { ...labelsOf(live), ...(isJsonObject(labels) ? labels : {}) },
      annotations: {
        ...objectAt(live, 'metadata', 'annotations'),
        ...(isJsonObject(annotations) ? annotations : {}),
      },
    }),
    ...Object.fromEntries(Object.entries(object).filter(([key]) => key !== 'metadata')),
  };
}

function mayRun(object: KubernetesObject): boolean {
  if (stringAt(object, 'metadata', 'deletionTimestamp') !== undefined) return false;
  if (stringAt(object, 'kind') === 'Job') return booleanAt(object, 'spec', 'suspend') !== true;
  const owned = arrayAt(object, 'metadata', 'ownerReferences').length > 0;
  return stringAt(object, 'kind') === 'Pod' && !owned && arrayAt(object, 'spec', 'schedulingGates').length === 0;
}

function podOf(job: KubernetesObject): KubernetesObject {
  const { name, namespace } = refOf(job);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${uidOf(job)}`,
      namespace: namespace ?? '',
      ownerReferences: [{ kind: 'Job', name, uid: uidOf(job), controller: true }],
    },
    spec: { containers: [{ name: 'main' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: {} } }] },
  };
}

function endStatus(object: KubernetesObject, behaviour: Exclude<Behaviour, { kind: 'run' }>, at: number): JsonObject {
  const succeeded = behaviour.kind === 'succeed';
  if (stringAt(object, 'kind') === 'Pod') return { phase: succeeded ? 'Succeeded' : 'Failed' };
  const reason = behaviour.reason ?? (succeeded ? 'CompletionsReached' : 'BackoffLimitExceeded');
  const condition = { type: succeeded ? 'Complete' : 'Failed', status: 'True', reason, lastTransitionTime: isoOf(at) };
  return { conditions: [condition], ...(succeeded ? { succeeded: 1, completionTime: isoOf(at) } : { failed: 1 }) };
}

function isOwnedBy(object: KubernetesObject, uid: string): boolean {
  return arrayAt(object, 'metadata', 'ownerReferences').some((owner) => stringAt(owner, 'uid') === uid);
}

function isSelected(object: KubernetesObject, query: ListQuery): boolean {
  const { kind, namespace } = refOf(object);
  if (kind !== query.kind || (query.namespace !== undefined && namespace !== query.namespace)) return false;
  const [, involved] = /^involvedObject\.uid=(.*)$/.exec(query.fieldSelector ?? '') ?? [];
  if (involved !== undefined && stringAt(object, 'involvedObject', 'uid') !== involved) return false;
  const wanted = (query.labelSelector ?? '').split(',').filter((pair) => pair !== '');
  return wanted.every((pair) => {
    const [key = '', value] = pair.split('=');
    const label = labelsOf(object)[key];
    return value === undefined ? label !== undefined : label === value;
  });
}

function checkPreconditions(live: KubernetesObject, { uid, resourceVersion }: DeleteOptions, ref: ObjectRef): void {
  if (uid !== undefined && uid !== uidOf(live)) refuse(409, 'Conflict', ref);
  if (resourceVersion !== undefined && resourceVersion !== resourceVersionOf(live)) refuse(409, 'Conflict', ref);
}

function applyStep(object: Json, step: JsonPatchStep, ref: ObjectRef): Json {
  const path = step.path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return changedAt(object, path, step, ref);
}

function changedAt(at: Json | undefined, path: readonly string[], step: JsonPatchStep, ref: ObjectRef): Json {
  const [key = '', ...rest] = path;
  if (Array.isArray(at)) {
    const items = [...(at as readonly Json[])];
    const index = Number(key);
    if (index >= items.length) refuse(422, 'Invalid', ref);
    if (rest.length > 0) items[index] = changedAt(items[index], rest, step, ref);
    else if (step.op === 'remove') items.splice(index, 1);
    else refuse(422, 'Invalid', ref);
    return items;
  }
  if (!isJsonObject(at)) refuse(422, 'Invalid', ref);
  if (rest.length > 0) return { ...at, [key]: changedAt(at[key], rest, step, ref) };
  if (step.op !== 'add' && at[key] === undefined) refuse(422, 'Invalid', ref);
  if (step.op === 'remove') return Object.fromEntries(Object.entries(at).filter(([known]) => known !== key));
  if (step.op !== 'test') return { ...at, [key]: step.value };
  if (JSON.stringify(at[key]) !== JSON.stringify(step.value)) refuse(422, 'Invalid', ref);
  return at;
}

function refuse(code: number, reason: string, ref: ObjectRef): never {
  throw new ApiError(`${ref.kind} ${ref.name}: ${reason}`, { code, reason, causes: [], retryAfterSeconds: undefined });
}
