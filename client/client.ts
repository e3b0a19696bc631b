import type { BundleStore } from '../bundles/bundle-store.ts';
import { digestOf } from '../bundles/digest.ts';
import type { ClientStore, StoreOptions } from './bundle-store.ts';
import { bundleStoreOf } from './bundle-store.ts';
import { failure } from '../core/failures.ts';
import { workflowIdOf } from '../core/markers.ts';
import { syncReference } from '../core/retention/references.ts';
import { encodeBundle } from '../core/manifests/bundle.ts';
import type { SyncPlan } from '../core/plan/plan.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { Push } from '../core/triggers/push.ts';
import type { Applications } from './applications.ts';
import { applicationsOf } from './applications.ts';
import { begin, servedBefore } from './begin.ts';
import type { Comparison } from './comparison.ts';
import { compared, orderOfLatestSync } from './comparison.ts';
import { deletionPlanOf } from './deletion-plan.ts';
import { clustersOf } from './clusters.ts';
import type { Connections } from './connections.ts';
import type { SyncHandle, WaitOptions } from './handle.ts';
import type { ApplicationHistory, HistoryOptions, RollbackOptions } from './history.ts';
import { historyOf, rollbackOrder } from './history.ts';
import type { ListOptions } from './listing.ts';
import { listSyncs } from './listing.ts';
import type { Place } from './place.ts';
import type { PushReceipt } from './pushes.ts';
import { handOverPush } from './pushes.ts';
import type { DeletionOrder, SyncOrder } from './request.ts';
import { deletionRequestOf, newSyncId, requestOf } from './request.ts';
import type { Schedules } from './schedules.ts';
import { forgetSchedule } from './schedule-writing.ts';
import { schedulesOf } from './schedules.ts';
import { syncById } from './sync-by-id.ts';
import type { SyncListing } from './sync-listing.ts';
import type { SyncStateReport } from './sync-state.ts';
import { syncStateOf } from './sync-state.ts';
import type { Temporal, TemporalOptions } from './temporal.ts';
import { connectTemporal } from './temporal.ts';
import { handleOf, handleOfId } from './temporal-handle.ts';
import type { HoldingSync } from '../core/record/under-way.ts';
import { isOpen, isUnderWay } from '../core/record/under-way.ts';
import { describeRun } from './describe-run.ts';
import { checkApplication, checkCluster } from './validation.ts';
import type { WorkerInfo } from './workers.ts';
import { pollingWorkers } from './workers.ts';

/** Where Temporal and the bundle store are; what is absent comes from the environment. */
export interface ConnectOptions extends TemporalOptions, StoreOptions {}

/** Names a sync by its application. */
export interface HandleOptions {
  readonly cluster: string;
  /** Temporal's run ID of an older sync; absent = the latest. */
  readonly runId?: string;
  /** The sync of this ID, also while it waits for its turn; absent = the latest. */
  readonly syncId?: string;
}

/** Syncline, as programs use it. */
export interface SynclineClient {
  /** Where it is connected to. */
  readonly place: Place;
  /** Stores the manifests and starts a sync of them, in its turn where it is to wait for one that runs. Throws `AlreadyRunning` when one runs and it is not to wait, `InvalidRequest`, `TemporalUnreachable`. */
  sync(order: SyncOrder, options?: WaitOptions): Promise<SyncHandle>;
  /**
   * What a sync would change, by the API server's dry run: a failed one is an answer too. Needs no lock, so it may be asked
   * while a sync of the application runs. Throws `InvalidRequest`, `TemporalUnreachable`.
   */
  diff(order: SyncOrder, options?: WaitOptions): Promise<Comparison>;
  /** The order of an application's latest sync, for `diff`. Throws `InvalidRequest` where there is none. */
  latestOrder(application: string, options: HandleOptions & WaitOptions): Promise<SyncOrder>;
  /** How an application stands to the manifests of its latest sync; why that is unknown, where it is. Takes at most 10 s. */
  syncState(application: string, options: HandleOptions & WaitOptions): Promise<SyncStateReport>;
  /** The applications that are kept in a cluster, to be synced by their names. */
  readonly applications: Applications;
  /** The schedules by which kept applications are synced. */
  readonly schedules: Schedules;
  /** What is kept of an application's syncs, newest first, also when Temporal no longer knows them. Throws `InvalidRequest` where there is nothing. */
  history(application: string, options: HistoryOptions): Promise<ApplicationHistory>;
  /** The order, for `sync`, that goes back to an earlier sync of an application. Throws `InvalidRequest` where there is none to go back to, `BundleNotFound` where its manifests are gone. */
  rollbackOrder(application: string, options: RollbackOptions): Promise<SyncOrder>;
  /** Starts the deletion of an application: PreDelete hooks, its objects in reverse, PostDelete hooks, its record. Without manifests it runs the hooks of its last sync. Throws as `sync` does. */
  delete(order: DeletionOrder, options?: WaitOptions): Promise<SyncHandle>;
  /** What a deletion would do now: a worker plans it against the cluster, and changes nothing. Throws a `SynclineError` with everything that speaks against it. */
  deletionPlan(order: DeletionOrder, options?: WaitOptions): Promise<SyncPlan>;
  /** Starts the kept applications of clusters that listen to a push; the same push starts them once. Temporal keeps it until a worker takes it. */
  pushed(push: Push, clusters: readonly string[], options?: WaitOptions): Promise<PushReceipt>;
  /** The handle of an application's latest sync, or of one run. Asks nobody yet. Throws `InvalidRequest` for bad names. */
  handle(application: string, options: HandleOptions): SyncHandle;
  /** The syncs that Temporal knows: those that wait for their turn, then the others, newest first. */
  list(options?: ListOptions): Promise<readonly SyncListing[]>;
  /** Whether the sync that holds an application's record is under way, for a sweep. One of another Temporal counts as such, since nothing is known of it here. */
  isUnderWay(sync: HoldingSync, options?: WaitOptions): Promise<boolean>;
  /** The workers that poll for syncs; with none, a sync waits. */
  workers(options?: WaitOptions): Promise<readonly WorkerInfo[]>;
  close(): Promise<void>;
}

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
