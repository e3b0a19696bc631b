import type { SyncPlan } from '../core/plan/plan.ts';
import type { Push } from '../core/triggers/push.ts';
import type { Applications } from './applications/applications.ts';
import type { Comparison } from './starting/comparison.ts';
import type { SyncHandle, WaitOptions } from './handle.ts';
import type { ApplicationHistory, HistoryOptions, RollbackOptions } from './applications/history.ts';
import type { ListOptions } from './listing/listing.ts';
import type { Place } from './connection/place.ts';
import type { PushReceipt } from './applications/pushes.ts';
import type { DeletionOrder, SyncOrder } from './starting/request.ts';
import type { Schedules } from './applications/schedules.ts';
import type { SyncListing } from './listing/sync-listing.ts';
import type { SyncStateReport } from './reports/sync-state-report.ts';
import type { HoldingSync } from '../core/record/under-way.ts';
import type { WorkerInfo } from './connection/workers.ts';

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
