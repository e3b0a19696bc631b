import type { KubernetesObject, ObjectRef } from '../core/objects.ts';
import { describeRef, refOf, resourceVersionOf } from '../core/objects.ts';
import type {
  ApplyOptions,
  Cluster,
  DeleteOptions,
  JsonPatchStep,
  ListQuery,
  LogQuery,
  ServedKind,
  WriteOptions,
} from './cluster.ts';
import type { Discovery } from './discovery.ts';
import { ApiError, isApiError } from './errors.ts';
import { listAll } from './listing.ts';
import { collectionPath, objectPath, withQuery } from './paths.ts';
import type { ApiRequest, Transport } from './transport.ts';

/** The field manager of every write that names none itself. */
export const FIELD_MANAGER = 'syncline';

/** What the operations need to reach a cluster. */
interface Wire {
  readonly transport: Transport;
  readonly discovery: Discovery;
}

/** The operations of a Cluster on objects. */
export type Operations = Pick<Cluster, 'get' | 'list' | 'create' | 'replace' | 'apply' | 'patch' | 'delete' | 'logs'>;

/** Makes the operations on objects of one API server. */
export function createOperations(transport: Transport, discovery: Discovery): Operations {
  const wire = { transport, discovery };
  return {
    get: (ref, signal) => unlessMissing(undefined, send(wire, { method: 'GET', action: 'read', ref }, signal)),
    list: (query, signal) => list(wire, query, signal),
    create: (object, options, signal) => create(wire, object, options, signal),
    replace: (object, options, signal) => replace(wire, object, options, signal),
    apply: (object, options, signal) => apply(wire, object, options, signal),
    patch: (ref, steps, signal) => patch(wire, ref, steps, signal),
    delete: (ref, options, signal) => remove(wire, ref, options, signal),
    logs: (query, signal) => logs(wire, query, signal),
  };
}

/** The served form of a kind; throws ApiError 404 with reason `KindNotServed` where the cluster does not serve it. */
export async function resolveKind(
  discovery: Discovery,
  apiVersion: string,
  kind: string,
  signal: AbortSignal,
): Promise<ServedKind> {
  const served = await discovery.servedKind(apiVersion, kind, signal);
  return served ?? Promise.reject(notServed(apiVersion, kind));
}

/**
 * Waits for an answer about a kind. Where the server no longer knows the kind's path (a 404 that is no Status), the kind
 * is forgotten, so that it is discovered again when it is next asked for.
 */
export async function answeredFor<T>(discovery: Discovery, served: ServedKind, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isApiError(error, 404) || error.reason !== '') throw error;
    discovery.forget(served);
    throw notServed(served.apiVersion, served.kind);
  }
}

async function list(wire: Wire, query: ListQuery, signal: AbortSignal): Promise<readonly KubernetesObject[]> {
  const served = await resolveKind(wire.discovery, query.apiVersion, query.kind, signal);
  const listing = await answeredFor(wire.discovery, served, listAll(wire.transport, served, query, signal));
  return listing.items;
}

function create(
  wire: Wire,
  object: KubernetesObject,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const request = { method: 'POST', action: 'create', ref: refOf(object), idempotent: false } as const;
  return send(wire, { ...request, body: object, query: writeQuery(options) }, signal);
}

async function replace(
  wire: Wire,
  object: KubernetesObject,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const ref = refOf(object);
  if (resourceVersionOf(object) === '')
    throw refused('replace', ref, 'it has no resourceVersion, so nothing guards against a lost update');
  return send(wire, { method: 'PUT', action: 'replace', ref, body: object, query: writeQuery(options) }, signal);
}

function apply(
  wire: Wire,
  object: KubernetesObject,
  options: ApplyOptions,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const request = { method: 'PATCH', action: 'apply', ref: refOf(object), body: object } as const;
  const query = { ...writeQuery(options), force: options.force === true ? 'true' : undefined };
  // JSON is YAML, so the manifest goes out as it is.
  return send(wire, { ...request, contentType: 'application/apply-patch+yaml', query }, signal);
}

function patch(
  wire: Wire,
  ref: ObjectRef,
  steps: readonly JsonPatchStep[],
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const body = steps.map((step) => ({ ...step }));
  const request = { method: 'PATCH', action: 'patch', ref, body, query: writeQuery({}) } as const;
  return send(wire, { ...request, contentType: 'application/json-patch+json' }, signal);
}

function remove(wire: Wire, ref: ObjectRef, options: DeleteOptions, signal: AbortSignal): Promise<boolean> {
  const { uid, resourceVersion, propagation, dryRun } = options;
  const guarded = uid !== undefined || resourceVersion !== undefined;
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: propagation,
    ...(guarded ? { preconditions: { uid, resourceVersion } } : {}),
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
  };
  // The body decides; by the address an audit log that holds no bodies tells a dry run apart.
  const query = { dryRun: dryRun === true ? 'All' : undefined };
  // Without preconditions a second try could delete an object that was made in between.
  const answer = send(wire, { method: 'DELETE', action: 'delete', ref, query, body, idempotent: guarded }, signal);
  return unlessMissing(
    false,
    answer.then(() => true),
  );
}

function logs(wire: Wire, query: LogQuery, signal: AbortSignal): Promise<string> {
  const { namespace, pod, container, previous, tailLines, limitBytes, timestamps } = query;
  const pods: ServedKind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, verbs: [] };
  const flags = {
    previous: previous === true ? 'true' : undefined,
    timestamps: timestamps === true ? 'true' : undefined,
  };
  const path = withQuery(`${objectPath(pods, namespace, pod)}/log`, { container, tailLines, limitBytes, ...flags });
  const of = container === undefined ? '' : ` of container ${container}`;
  const subject = { action: `read the log${of} of`, object: `Pod ${namespace}/${pod}`, secret: false };
  return wire.transport.text({ method: 'GET', path, accept: '*/*', idempotent: true, subject }, signal);
}

/** A request about one object; `query` entries that are undefined are left out. */
interface ObjectRequest extends Pick<ApiRequest, 'method' | 'body' | 'contentType'> {
  readonly action: string;
  readonly ref: ObjectRef;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Default true. */
  readonly idempotent?: boolean;
}

async function send(wire: Wire, request: ObjectRequest, signal: AbortSignal): Promise<KubernetesObject> {
  const { action, ref, query, idempotent, ...rest } = request;
  const served = await resolveKind(wire.discovery, ref.apiVersion, ref.kind, signal);
  if (served.namespaced && ref.namespace === undefined) throw refused(action, ref, 'it names no namespace');
  if (ref.name === '' && request.method !== 'POST') throw refused(action, ref, 'it has no name');
  // Kubernetes allows no such names, and in a path they would lead elsewhere.
  if ([ref.name, ref.namespace].some((part) => part === '.' || part === '..'))
    throw refused(action, ref, 'its name is a path');
  const path =
    request.method === 'POST' ? collectionPath(served, ref.namespace) : objectPath(served, ref.namespace, ref.name);
  const subject = { action, object: describeRef(ref), secret: ref.apiVersion === 'v1' && ref.kind === 'Secret' };
  const answer = wire.transport.json(
    { ...rest, path: withQuery(path, query ?? {}), subject, idempotent: idempotent ?? true },
    signal,
  );
  return answeredFor(wire.discovery, served, answer);
}

function writeQuery(options: WriteOptions): Readonly<Record<string, string | undefined>> {
  return {
    fieldManager: options.fieldManager ?? FIELD_MANAGER,
    fieldValidation: options.validation ?? 'Strict',
    dryRun: options.dryRun === true ? 'All' : undefined,
  };
}

async function unlessMissing<T, M>(missing: M, answer: Promise<T>): Promise<T | M> {
  try {
    return await answer;
  } catch (error) {
    if (isApiError(error, 404)) return missing;
    throw error;
  }
}

function notServed(apiVersion: string, kind: string): ApiError {
  return refusal(404, 'KindNotServed', `The cluster does not serve kind ${kind} of ${apiVersion}`);
}

function refused(action: string, ref: ObjectRef, why: string): ApiError {
  return refusal(400, 'BadRequest', `Cannot ${action} ${describeRef(ref)}: ${why}`);
}

function refusal(code: number, reason: string, message: string): ApiError {
  return new ApiError(message, { code, reason, causes: [], retryAfterSeconds: undefined });
}
