import { randomUUID } from 'node:crypto';
import { failure } from '../../core/failures.ts';
import type { SynclineClient } from '../syncline-client.ts';
import type { Comparison } from '../starting/comparison.ts';
import type { SyncHandle } from '../handle.ts';
import type { SyncOrder } from '../starting/request.ts';
import { checkApplication, checkCluster, checkSyncId } from '../starting/validation.ts';
import { serverApplications } from './applications.ts';
import type { ServerConnection, ServerOptions } from './connection.ts';
import { serverConnection } from './connection.ts';
import { applicationPath, serverHandle } from './handle.ts';
import { deletionBody, syncBody } from './orders.ts';
import { accepted, comparison, plan, syncList, workerList } from './schemas/answers.ts';
import { applicationHistory, earlierOrder } from './schemas/applications.ts';
import { serverSchedules } from './schedules.ts';
import { syncState } from './schemas/status.ts';

/**
 * A client that asks a Syncline server, with a token, in the place of Temporal. Nothing is asked yet. Throws `InvalidRequest` for an
 * address that can't be one; every method throws `ServerUnavailable` where the server does not answer, and `Forbidden` where the token
 * does not allow it.
 *
 * @example
 * ```ts
 * const client = connectServer({
 *   url: 'https://syncline.example.com',
 *   token: process.env['SYNCLINE_TOKEN'] ?? '',
 * });
 * const handle = client.handle('shop', { cluster: 'prod' });
 * ```
 */
export function connectServer(options: ServerOptions): SynclineClient {
  const connection = serverConnection(options);
  return {
    place: { kind: 'server', url: options.url },
    ...startsOf(connection),
    ...readsOf(connection),
    applications: serverApplications(connection),
    schedules: serverSchedules(connection),
    pushed: () => Promise.reject(noPush()),
    isUnderWay: () => Promise.reject(noSweep()),
    handle: (application, { cluster, runId, syncId }) => {
      checkApplication(application);
      checkCluster(cluster);
      if (syncId !== undefined) checkSyncId(syncId);
      const run = runId === undefined || runId === '' ? {} : { runId };
      return serverHandle(connection, { application, cluster, ...run, ...(syncId === undefined ? {} : { syncId }) });
    },
    close: () => connection.close(),
  };
}

/** A dry run of everything may take so long, ms. */
const DRY_RUN_MS = 15 * 60_000;

type Starts = Pick<SynclineClient, 'sync' | 'delete' | 'diff' | 'deletionPlan'>;

function startsOf(connection: ServerConnection): Starts {
  const begun = async (
    path: string,
    body: object,
    { application, cluster, syncId }: Pick<SyncOrder, 'application' | 'cluster' | 'syncId'>,
    signal: AbortSignal = never(),
  ): Promise<SyncHandle> => {
    // One that names itself may be sent again as it is; any other is named by a key.
    const headers = syncId === undefined ? { 'idempotency-key': randomUUID() } : {};
    const answer = await connection.ask(accepted, { method: 'POST', path, body, headers, repeatable: true }, signal);
    const { version: _, ...names } = answer;
    return serverHandle(connection, { ...names, application, cluster });
  };
  return {
    sync: async (order, { signal } = {}) => {
      if (order.options?.dryRun === true) throw noDryRun();
      return begun(`${applicationPath(order)}/syncs`, syncBody(order), order, signal);
    },
    delete: async (order, { signal } = {}) => {
      if (order.options?.dryRun === true) throw noDryRun();
      return begun(`${applicationPath(order)}/deletion`, deletionBody(order), order, signal);
    },
    diff: async (order, { signal = never() } = {}) => {
      const path = `${applicationPath(order)}/diff`;
      const request = { method: 'POST', path, body: syncBody(order), repeatable: true, answerMs: DRY_RUN_MS } as const;
      const { version: _, ...compared } = await connection.ask(comparison, request, signal);
      // The schema looks into objects and fields no further than to their kind.
      return compared as Comparison;
    },
    deletionPlan: async (order, { signal = never() } = {}) => {
      const path = `${applicationPath(order)}/deletion/plan`;
      const body = deletionBody(order);
      const request = { method: 'POST', path, body, repeatable: true, answerMs: DRY_RUN_MS } as const;
      return await connection.ask(plan, request, signal);
    },
  };
}

type Reads = Pick<SynclineClient, 'latestOrder' | 'syncState' | 'history' | 'rollbackOrder' | 'list' | 'workers'>;

/** The most syncs that a server lists at once. */
const MOST_LISTED = 1_000;

function readsOf(connection: ServerConnection): Reads {
  const orderAt = async (path: string, query: Readonly<Record<string, string | undefined>>, signal: AbortSignal) => {
    const { version: _, ...order } = await connection.ask(earlierOrder, { path, query }, signal);
    return order as SyncOrder;
  };
  return {
    latestOrder: (application, { cluster, signal = never() }) =>
      orderAt(`${applicationPath({ application, cluster })}/order`, {}, signal),
    rollbackOrder: async (application, { cluster, namespace, to, options, requestedBy, signal = never() }) => {
      const path = `${applicationPath({ application, cluster })}/rollback-order`;
      const order = await orderAt(path, { namespace, to }, signal);
      return { ...order, requestedBy, options: { ...order.options, ...options } };
    },
    syncState: async (application, { cluster, signal = never() }) => {
      const path = `${applicationPath({ application, cluster })}/sync-state`;
      return (await connection.ask(syncState, { path }, signal)).syncState;
    },
    history: async (application, { cluster, namespace, signal = never() }) => {
      const path = `${applicationPath({ application, cluster })}/history`;
      return await connection.ask(applicationHistory, { path, query: { namespace } }, signal);
    },
    list: async ({ cluster, application, includes = () => true, limit = 100, newestOnly = true, signal } = {}) => {
      const most = Math.max(1, Math.min(limit, MOST_LISTED));
      const query = { cluster, application, limit: most, all: newestOnly ? undefined : 'true' };
      const { syncs } = await connection.ask(syncList, { path: '/v1/syncs', query }, signal ?? never());
      return syncs.filter(includes).slice(0, limit);
    },
    workers: async ({ signal = never() } = {}) =>
      (await connection.ask(workerList, { path: '/v1/workers' }, signal)).workers,
  };
}

function noSweep() {
  return failure('InvalidRequest', 'a Syncline server does not tell who holds the record of a cluster', {
    remedy: 'sweep where Temporal and the cluster can be reached: without --server and SYNCLINE_SERVER',
  });
}

function noPush() {
  return failure('InvalidRequest', 'a server takes pushes from those alone who sign them', {
    remedy: 'send them to its webhooks, or connect to Temporal',
  });
}

function noDryRun() {
  return failure('InvalidRequest', 'a server starts no dry run as a sync', {
    remedy: 'ask for what would change with `diff`, or with `deletionPlan`',
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}
