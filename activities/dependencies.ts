import type { HealthChecks } from '../checks/health-checks.ts';
import type { ActingSync } from '../core/accounts/account.ts';
import type { BundleStore } from '../bundles/bundle-store.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import type { TriggerSupport } from './triggers/trigger-support.ts';
import type { Notifier } from '../notifications/notifier.ts';
import type { PathFinder } from '../threads/jq/path-finder.ts';

/** What the activities of a worker stand on. */
export interface ActivityDependencies {
  /**
   * The cluster of a name in the worker's configuration. Without a sync, with the worker's own rights: for records,
   * inventories and what else is Syncline's. With one, as the account that the sync acts as: for the application's
   * objects. Throws `InvalidRequest` for a name it does not have, and `Forbidden` for an account that the worker does not allow.
   */
  cluster(name: string, sync?: ActingSync): Promise<Cluster>;
  readonly bundles: BundleStore;
  /** The health checks that are configured; absent = none. */
  readonly checks?: HealthChecks;
  /** Tells what happens to syncs; absent = nobody is told. */
  readonly notifier?: Notifier;
  /** Finds what the jq expressions of `ignoreDifferences` name. */
  readonly paths: PathFinder;
  /** The namespace where each cluster's applications are defined. @default `syncline` */
  readonly definitions?: string;
  /** What starts syncs of kept applications without their manifests; absent where nothing is to. */
  readonly triggers?: TriggerSupport;
  /** Names the Temporal namespace these activities belong to, by its ID, and as people know it. */
  readonly temporal: { readonly id: string; readonly name: string };
}
