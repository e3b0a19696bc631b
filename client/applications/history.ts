import { failure } from '../../core/failures.ts';
import type { SyncHistory } from '../../core/history/history.ts';
import { recorded, rollbackTarget } from '../../core/history/history.ts';
import { repeatable } from '../../core/history/rollback.ts';
import type { SyncOptions } from '../../core/sync/request.ts';
import { NotFound } from '../errors.ts';
import type { Connections } from '../connection/connections.ts';
import { consulted } from '../connection/consultation.ts';
import { endedByForce } from './forced-history.ts';
import type { WaitOptions } from '../handle.ts';
import type { SyncOrder } from '../starting/request.ts';
import { checkApplication, checkCluster, checkNamespace } from '../starting/validation.ts';

/** Names an application's history. */
export interface HistoryOptions extends WaitOptions {
  readonly cluster: string;
  /** The namespace of its record. @default wherever the cluster has it */
  readonly namespace?: string;
}

/** What is kept of an application's syncs, newest first. */
export type ApplicationHistory = SyncHistory & { readonly namespace: string };

/** What a rollback is told. */
export interface RollbackOptions extends HistoryOptions {
  readonly requestedBy: string;
  /** The number or ID of the sync to go back to. @default the newest before the latest that has succeeded with other manifests */
  readonly to?: string;
  /** What differs from the options of that sync. */
  readonly options?: Partial<SyncOptions>;
}

/**
 * Reads an application's history through a worker, with the syncs that Temporal closed by force before they could be kept in it.
 * Throws `InvalidRequest` where there is none.
 */
export async function historyOf(
  connections: Connections,
  application: string,
  { cluster, namespace, signal = new AbortController().signal }: HistoryOptions,
): Promise<ApplicationHistory> {
  checkApplication(application);
  checkCluster(cluster);
  if (namespace !== undefined) checkNamespace(namespace);
  const asked = { kind: 'history', cluster, application, ...(namespace === undefined ? {} : { namespace }) } as const;
  const kept = await consulted(connections, asked, signal).catch((error: unknown) => {
    if (error instanceof NotFound) return error;
    throw error;
  });
  const history = kept instanceof NotFound ? undefined : (kept as ApplicationHistory);
  const entries = await endedByForce(connections.temporal, { cluster, application }, history?.entries ?? [], signal);
  const home = history?.namespace ?? namespace ?? entries[0]?.namespace;
  const lost = entries.filter((entry) => entry.namespace === home).map(({ namespace: _, ...entry }) => entry);
  if (home === undefined || (history === undefined && lost.length === 0)) throw kept;
  return { ...lost.reduce<SyncHistory>(recorded, { version: 1, entries: history?.entries ?? [] }), namespace: home };
}

/**
 * The order of a sync that goes back to an earlier one: its manifests, with the options of that time. Throws `InvalidRequest`
 * where there is nothing to go back to, and `BundleNotFound` where its manifests are gone.
 */
export async function rollbackOrder(
  connections: Connections,
  application: string,
  options: RollbackOptions,
): Promise<SyncOrder> {
  const { namespace, entries } = await historyOf(connections, application, options);
  const target = rollbackTarget({ version: 1, entries }, options.to);
  if (target.kind === 'none') {
    throw new NotFound(`${application} can't be rolled back: ${target.why}`, {
      remedy: `see syncline history ${application}`,
    });
  }
  const { syncId, number, bundle, revision, request } = target.entry;
  const store = connections.bundles();
  if (!(await store.has(bundle, options.signal ?? new AbortController().signal))) {
    throw failure('BundleNotFound', `the manifests of sync ${String(number)} of ${application} are no longer stored`, {
      remedy: 'sync that revision from its source',
    });
  }
  return {
    ...{ application, cluster: options.cluster, namespace, createNamespace: request.createNamespace, bundle, revision },
    requestedBy: options.requestedBy,
    rollback: { syncId, number },
    options: { ...repeatable(request.options), ...options.options },
  };
}
