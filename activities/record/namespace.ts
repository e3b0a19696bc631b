import { PLAIN_APPLY } from '../../core/apply/write-mode.ts';
import { SynclineError, failure } from '../../core/failures.ts';
import { stringAt } from '../../core/json.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { createsNamespace, isNamespaceAsWanted, managedNamespace } from '../../core/sync/managed-namespace.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { writeObject } from '../apply/write-object.ts';
import type { LoadedBundle } from '../bundle-cache.ts';
import { failureOf } from '../failures.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { stampedManifest } from '../sync-context.ts';

/** What the destination namespace of a sync is made with. */
interface Making {
  /** The cluster as the account that the sync acts as, and with the worker's own rights: with these it only looks. */
  readonly cluster: Cluster;
  readonly own: Cluster;
  readonly request: SyncRequest;
  readonly bundle: LoadedBundle;
  readonly runtime: ActivityRuntime;
}

/**
 * Makes the record's namespace, which must exist before anything else: as the bundle has it, or where it may be created
 * as the request describes it. Throws `NamespaceNotFound` where neither makes it.
 */
export async function ensureNamespace(making: Making): Promise<void> {
  const { own, request, bundle, runtime } = making;
  if ((await own.get(refOfHome(request), runtime.signal)) !== undefined) return;
  const written = namespaceAmong(bundle, request);
  if (written === undefined && !createsNamespace(request)) throw missing(request);
  await write(making, written === undefined ? managedNamespace(request) : stampedManifest(written, undefined, request));
}

/**
 * Gives the destination namespace the labels and annotations that the request names, and takes away those that an
 * earlier sync gave it. Nothing is written where it has them; what the bundle itself defines is left to the bundle.
 */
export async function keepNamespaceMetadata(making: Making): Promise<void> {
  const { own, request, bundle, runtime } = making;
  if (!createsNamespace(request) || namespaceAmong(bundle, request) !== undefined) return;
  const live = await own.get(refOfHome(request), runtime.signal);
  if (live !== undefined && !isNamespaceAsWanted(live, request)) await write(making, managedNamespace(request));
}

/** The bundle's own definition of the destination namespace. */
export function namespaceAmong({ manifests }: LoadedBundle, { namespace }: SyncRequest): KubernetesObject | undefined {
  return manifests.find(
    ({ object }) => object['kind'] === 'Namespace' && stringAt(object, 'metadata', 'name') === namespace,
  )?.object;
}

/** The destination namespace. */
export function refOfHome({ namespace }: SyncRequest): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name: namespace };
}

async function write({ cluster, request, bundle, runtime }: Making, object: KubernetesObject): Promise<void> {
  const writing = { cluster, request, runtime, dryRun: false, mayWrite: () => Promise.resolve(true) };
  try {
    await writeObject(writing, object, PLAIN_APPLY);
  } catch (error) {
    const refused = failureOf(error, { ref: refOfHome(request), redact: (text) => bundle.redact(text) });
    throw refused === undefined ? error : new SynclineError([refused], { cause: error });
  }
}

function missing(request: SyncRequest): Error {
  return failure('NamespaceNotFound', `namespace ${request.namespace} does not exist in cluster ${request.cluster}`, {
    object: `Namespace ${request.namespace}`,
    remedy: 'create it, name another with -n, or use --create-namespace',
  });
}
