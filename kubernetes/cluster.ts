import type { FieldValidation } from '../core/apply/write-mode.ts';
import type { Json } from '../core/json.ts';
import type { KubernetesObject, ObjectRef } from '../core/objects.ts';

/** A kind as the cluster serves it. */
export interface ServedKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** The resource's name in paths, e.g. `configmaps`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** What a cluster is and serves, as a chart's `.Capabilities` has it. */
export interface Capabilities {
  /** Kubernetes' version, e.g. `v1.36.3`. */
  readonly version: string;
  readonly kinds: readonly ServedKind[];
}

/** Options of a write. */
export interface WriteOptions {
  /** Default `syncline`. */
  readonly fieldManager?: string;
  /** What becomes of fields the server does not know. Default `Strict`: the object is refused. */
  readonly validation?: FieldValidation;
  /** Validate and admit, change nothing. */
  readonly dryRun?: boolean;
}

/** Options of a server-side apply. */
export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take over fields that other managers own. */
  readonly force?: boolean;
}

/** What a delete must find, and what becomes of dependants. */
export interface DeleteOptions extends WriteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation: 'Foreground' | 'Background' | 'Orphan';
}

/** A selection of one kind's objects. `namespace` absent = all namespaces, or a cluster-scoped kind. */
export interface ListQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Leave out all but apiVersion, kind and metadata (the API server's PartialObjectMetadata), where objects are large. */
  readonly metadataOnly?: boolean;
}

/** What to read of a container's log. */
export interface LogQuery {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
  readonly previous?: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly timestamps?: boolean;
}

/** One step of a JSON Patch (RFC 6902). */
export type JsonPatchStep =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

/**
 * A Kubernetes API server, as far as Syncline uses it. Objects go over the wire exactly as given.
 * Every method throws `ApiError` for an answer that is not 2xx, `ConnectionError` when there was none, and the signal's
 * reason when it aborts. A kind that is not served is an ApiError 404 with reason `KindNotServed`, which `get` and
 * `delete` answer as a missing object.
 */
export interface Cluster {
  /** The cluster's name in the configuration, for messages. */
  readonly name: string;
  /** Address of the API server, for messages. */
  readonly server: string;
  /** The kubeconfig's context, for messages; absent where there was none. */
  readonly context?: string;

  /** The served form of a kind. Refreshes the discovery cache once when the kind is missing; undefined when it is not served. */
  servedKind(apiVersion: string, kind: string, signal: AbortSignal): Promise<ServedKind | undefined>;
  /** The version and all that is served, read anew. */
  capabilities(signal: AbortSignal): Promise<Capabilities>;
  /** The object, or undefined where it does not exist (404). */
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubernetesObject | undefined>;
  /** All objects of a query, over pages. Items carry apiVersion and kind. */
  list(query: ListQuery, signal: AbortSignal): Promise<readonly KubernetesObject[]>;
  /** POST; 409 (AlreadyExists) is an ApiError. `metadata.namespace` decides the path. */
  create(object: KubernetesObject, options: WriteOptions, signal: AbortSignal): Promise<KubernetesObject>;
  /** PUT; the object's resourceVersion is the precondition (409 Conflict otherwise). */
  replace(object: KubernetesObject, options: WriteOptions, signal: AbortSignal): Promise<KubernetesObject>;
  /** Server-side apply. */
  apply(object: KubernetesObject, options: ApplyOptions, signal: AbortSignal): Promise<KubernetesObject>;
  /** JSON Patch; a failed `test` is an ApiError with code 422. */
  patch(ref: ObjectRef, steps: readonly JsonPatchStep[], signal: AbortSignal): Promise<KubernetesObject>;
  /** DELETE with preconditions. False when the object was not there. A failed precondition is an ApiError with code 409. */
  delete(ref: ObjectRef, options: DeleteOptions, signal: AbortSignal): Promise<boolean>;
  /** A container's log as text. */
  logs(query: LogQuery, signal: AbortSignal): Promise<string>;
  /**
   * Keeps a live view of a kind in a namespace. One list + watch is shared by all who ask for the same query; it ends a
   * moment after the last of them has closed its view.
   */
  view(query: Omit<ListQuery, 'fieldSelector' | 'metadataOnly'>, signal: AbortSignal): Promise<LiveView>;
  /** Closes connections and watches. */
  close(): Promise<void>;
}

/** A live view of a list of objects, kept by a watch with relist and a slow poll behind it. */
export interface LiveView {
  /** The object as last seen; undefined where it does not exist. */
  get(name: string, namespace?: string): KubernetesObject | undefined;
  /** All objects as last seen. */
  all(): readonly KubernetesObject[];
  /** Resolves at the next change, or after `timeoutMs`; rejects when the signal aborts or the view can't be kept for good (403). */
  changed(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Lets go of the shared watch. */
  close(): void;
}
