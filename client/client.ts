import type { BundleStore } from '../bundles/bundle-store.ts';
import { digestOf } from '../bundles/digest.ts';
import type { ClientStore, StoreOptions } from './connection/bundle-store.ts';
import { bundleStoreOf } from './connection/bundle-store.ts';
import { failure } from '../core/failures.ts';
import { workflowIdOf } from '../core/markers.ts';
import { syncReference } from '../core/retention/references.ts';
import { encodeBundle } from '../core/manifests/bundle.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { applicationsOf } from './applications/applications.ts';
import { begin, servedBefore } from './starting/begin.ts';
import type { Comparison } from './starting/comparison.ts';
import { compared, orderOfLatestSync } from './starting/comparison.ts';
import { deletionPlanOf } from './starting/deletion-plan.ts';
import { clustersOf } from './connection/clusters.ts';
import type { Connections } from './connection/connections.ts';
import type { SyncHandle } from './handle.ts';
import { historyOf, rollbackOrder } from './applications/history.ts';
import { listSyncs } from './listing/listing.ts';
import { handOverPush } from './applications/pushes.ts';
import type { DeletionOrder, SyncOrder } from './starting/request.ts';
import { deletionRequestOf, newSyncId, requestOf } from './starting/request.ts';
import { forgetSchedule } from './applications/schedule-writing.ts';
import { schedulesOf } from './applications/schedules.ts';
import { syncById } from './following/sync-by-id.ts';
import { syncStateOf } from './reports/sync-state.ts';
import type { Temporal, TemporalOptions } from './connection/temporal.ts';
import { connectTemporal } from './connection/temporal.ts';
import { handleOf, handleOfId } from './temporal-handle.ts';
import type { HoldingSync } from '../core/record/under-way.ts';
import { isOpen, isUnderWay } from '../core/record/under-way.ts';
import { describeRun } from './connection/describe-run.ts';
import { checkApplication, checkCluster } from './starting/validation.ts';
import { pollingWorkers } from './connection/workers.ts';
import type { SynclineClient } from './syncline-client.ts';

/** Where Temporal and the bundle store are; what is absent comes from the environment. */
export interface ConnectOptions extends TemporalOptions, StoreOptions {}

/**
 * Connects to Temporal. Throws `TemporalUnreachable` when it does not answer.
 *
 * @example
 * ```ts
 * const handle = await client.sync({ ...place, ...named, manifests, requestedBy: 'ci', options: { prune: true } });
 * const result = await handle.result({ signal });
 * console.log(result.outcome, result.counts, result.failures);
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<SynclineClient> {
  const store = await bundleStoreOf(options);
  const temporal = await connectTemporal(options).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  return clientOf({ temporal, bundles: () => store.of(temporal), clusters: clustersOf(options.openCluster) }, store);
}

function clientOf(connections: Connections, store: Pick<ClientStore, 'close'>): SynclineClient {
  const { temporal, clusters } = connections;
  const applications = applicationsOf(connections);
  const client: SynclineClient = {
    place: { kind: 'temporal', address: temporal.address, namespace: temporal.namespace },
    sync: (order, { signal = never() } = {}) => sync(connections, order, signal),
    diff: (order, { signal = never() } = {}) => diff(connections, order, signal),
    latestOrder: (application, { cluster, signal = never() }) => {
      checkNames(application, cluster);
      return orderOfLatestSync(temporal, { application, cluster }, signal);
    },
    syncState: (application, { cluster, signal = never() }) => syncStateOf(client, { application, cluster }, signal),
    applications,
    schedules: schedulesOf(temporal, applications),
    history: (application, options) => historyOf(connections, application, options),
    rollbackOrder: (application, options) => rollbackOrder(connections, application, options),
    delete: (order, { signal = never() } = {}) => remove(connections, order, signal),
    deletionPlan: (order, { signal = never() } = {}) => deletionPlanOf(client, order, signal),
    pushed: (push, clusters, { signal = never() } = {}) => handOverPush(temporal, push, clusters, signal),
    handle: (application, { cluster, runId, syncId }) => {
      checkNames(application, cluster);
      const names = { application, cluster };
      if (syncId !== undefined) return handleOfId(connections, names, syncById(temporal, names, syncId));
      const workflowId = workflowIdOf(cluster, application);
      return handleOf(connections, names, { workflowId, ...(runId === undefined ? {} : { runId }) });
    },
    list: (options = {}) => listSyncs(temporal, options),
    isUnderWay: (sync, { signal = never() } = {}) => isUnderWayIn(temporal, sync, signal),
    workers: ({ signal = never() } = {}) => pollingWorkers(temporal, signal),
    close: async () => {
      await clusters.close();
      await store.close();
      await temporal.connection.close();
    },
  };
  return client;
}

function isUnderWayIn(temporal: Temporal, sync: HoldingSync, signal: AbortSignal): Promise<boolean> {
  return isUnderWay(sync, temporal.id, async (workflowId) => {
    const description = await describeRun(temporal, { workflowId }, signal);
    return description !== undefined && isOpen(description.status);
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function checkNames(application: string, cluster: string): void {
  checkApplication(application);
  checkCluster(cluster);
}

async function sync(connections: Connections, order: SyncOrder, signal: AbortSignal): Promise<SyncHandle> {
  const manifests = manifestsOf(order);
  const request = requestOf(order, order.syncId ?? newSyncId(), manifests.bundle, Date.now());
  const known = await servedBefore(connections, request, order, signal);
  if (known !== undefined) return known;
  await keep(connections.bundles(), request, manifests, signal);
  return begin(connections, request, order, signal);
}

async function diff(connections: Connections, order: SyncOrder, signal: AbortSignal): Promise<Comparison> {
  const manifests = manifestsOf(order);
  const options = { ...order.options, dryRun: true };
  const request = requestOf({ ...order, options }, newSyncId(), manifests.bundle, Date.now());
  await keep(connections.bundles(), request, manifests, signal);
  return compared(connections, request, signal);
}

async function remove(connections: Connections, order: DeletionOrder, signal: AbortSignal): Promise<SyncHandle> {
  const isBare = order.manifests === undefined && order.bundle === undefined;
  const manifests = isBare ? { bundle: '' } : manifestsOf(order);
  const request = deletionRequestOf(order, order.syncId ?? newSyncId(), manifests.bundle, Date.now());
  const known = await servedBefore(connections, request, order, signal);
  if (known !== undefined) return known;
  if (!isBare) await keep(connections.bundles(), request, manifests, signal);
  const begun = await begin(connections, request, order, signal);
  if (request.options.dryRun) return begun;
  const warnings = await withoutSchedule(connections, request, signal);
  return { ...begun, warnings: [...begun.warnings, ...warnings] };
}

/** A schedule would bring back what is deleted. */
async function withoutSchedule(
  { temporal }: Connections,
  { application, cluster }: SyncRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    await forgetSchedule(temporal, { application, cluster }, signal);
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [`the schedule of ${application} could not be removed (${why}): syncline schedule delete ${application}`];
  }
}

/** The manifests of an order: their digest, and their bytes where they may not be stored yet. */
interface GivenManifests {
  readonly bundle: string;
  readonly bytes?: Uint8Array;
}

function manifestsOf({
  bundle,
  manifests,
  serverRenders,
}: Pick<SyncOrder, 'bundle' | 'manifests' | 'serverRenders'>): GivenManifests {
  if (serverRenders !== undefined) {
    throw failure('InvalidRequest', 'the source is to be rendered by a server, and Temporal is none', {
      remedy: 'connect to a server with `connectServer`, or render it with `readSource` and give its manifests',
    });
  }
  if (bundle !== undefined) return { bundle };
  if (manifests === undefined) {
    throw failure('InvalidRequest', 'the sync names neither manifests nor a bundle', { remedy: 'give one of them' });
  }
  const bytes = new TextEncoder().encode(encodeBundle(manifests));
  return { bundle: digestOf(bytes), bytes };
}

/** Stores the manifests of a request, and keeps them from being collected before anybody uses them. */
async function keep(
  store: BundleStore,
  request: SyncRequest,
  { bundle, bytes }: GivenManifests,
  signal: AbortSignal,
): Promise<void> {
  if (bytes !== undefined) await store.put(bytes, signal);
  await store.refer(syncReference(request), [bundle], signal);
}
