import type { z } from 'zod';
import type { DeletionOrder, SyncOrder } from '../../client/index.ts';
import { TemporalUnreachable } from '../../client/errors.ts';
import { accepted, comparison, plan } from '../../client/http/schemas/answers.ts';
import { deletionOrder, syncOrder } from '../../client/http/schemas/orders.ts';
import { syncState } from '../../client/http/schemas/status.ts';
import { describePlace } from '../../client/connection/place.ts';
import { IDEMPOTENCY_HEADER, identityOf } from '../orders/idempotency.ts';
import { readSubject } from '../orders/manifests.ts';
import { optionsOf } from '../orders/options.ts';
import type { OrderAsk } from '../orders/settled-order.ts';
import { nothingOrdered, orderOf, settledOrder, turnOf } from '../orders/settled-order.ts';
import type { Route, Service } from '../route.ts';
import { route } from '../route.ts';
import { acceptedSync } from './commands.ts';
import { applicationParams, APPLICATION_PATH } from './paths.ts';

/** The routes about an application as a whole. */
export const APPLICATIONS: readonly Route[] = [
  route({
    operation: 'startSync',
    method: 'POST',
    path: `${APPLICATION_PATH}/syncs`,
    summary: 'Start a sync',
    access: 'sync',
    params: applicationParams,
    headers: IDEMPOTENCY_HEADER,
    body: syncOrder,
    archive: true,
    answer: { kind: 'json', status: 202, schema: accepted, description: 'The sync was accepted.' },
    problems: [404, 409, 413, 415, 422],
    handle: async (ask, service) => {
      const { params, body, archive, request, signal } = ask;
      const order = { ...(await orderOf(ask, service)), ...(await identityOf(request, params, body, archive)) };
      await checkWorkers(ask, service);
      return acceptedSync(await service.client.sync(order, { signal }));
    },
  }),
  route({
    operation: 'planSync',
    method: 'POST',
    path: `${APPLICATION_PATH}/plan`,
    summary: 'Plan manifests without a cluster: phases, waves and order',
    access: 'sync',
    params: applicationParams,
    body: syncOrder,
    archive: true,
    answer: { kind: 'json', status: 200, schema: plan, description: 'The plan.' },
    problems: [404, 413, 415, 422],
    handle: async (ask, service) => {
      const { params, archive, signal } = ask;
      const read = await readSubject(await settledOrder(ask, service), archive, params, service, signal);
      if (read.kind !== 'manifests') throw nothingOrdered();
      return read.plan;
    },
  }),
  route({
    operation: 'compare',
    method: 'POST',
    path: `${APPLICATION_PATH}/diff`,
    summary: 'Say what a sync would change, by the API server’s dry run; without manifests, one of those synced last',
    access: 'sync',
    params: applicationParams,
    body: syncOrder,
    bodyOptional: true,
    archive: true,
    answer: {
      kind: 'json',
      status: 200,
      schema: comparison,
      description: 'What it would change, or why it can’t be told.',
    },
    problems: [404, 409, 413, 415, 422],
    handle: async (ask, service) => {
      const order = await orderToCompare(ask, service);
      await checkWorkers(ask, service);
      return { version: 1, ...(await service.client.diff(order, { signal: ask.signal })) };
    },
  }),
  route({
    operation: 'getSyncState',
    method: 'GET',
    path: `${APPLICATION_PATH}/sync-state`,
    summary: 'Say how an application stands to the manifests of its latest sync; takes up to 10 s',
    access: 'read',
    params: applicationParams,
    answer: {
      kind: 'json',
      status: 200,
      schema: syncState,
      description: 'In sync, out of sync, or why that is unknown.',
    },
    problems: [],
    handle: async ({ params, signal }, { client }) => ({
      version: 1,
      syncState: await client.syncState(params.application, { cluster: params.cluster, signal }),
    }),
  }),
  route({
    operation: 'planDeletion',
    method: 'POST',
    path: `${APPLICATION_PATH}/deletion/plan`,
    summary: 'Plan the deletion of an application against its cluster, and change nothing',
    access: 'sync',
    params: applicationParams,
    body: deletionOrder,
    archive: true,
    answer: { kind: 'json', status: 200, schema: plan, description: 'What would be deleted, and in which order.' },
    problems: [404, 409, 413, 415, 422],
    handle: async (ask, service) => {
      const order = await deletionOf(ask, service);
      await checkWorkers(ask, service);
      return service.client.deletionPlan(order, { signal: ask.signal });
    },
  }),
  route({
    operation: 'deleteApplication',
    method: 'POST',
    path: `${APPLICATION_PATH}/deletion`,
    summary: 'Delete an application: PreDelete hooks, what it owns in reverse, PostDelete hooks, its record',
    access: 'delete',
    params: applicationParams,
    headers: IDEMPOTENCY_HEADER,
    body: deletionOrder,
    archive: true,
    answer: { kind: 'json', status: 202, schema: accepted, description: 'The deletion was accepted.' },
    problems: [404, 409, 413, 415, 422],
    handle: async (ask, service) => {
      const { params, body, archive, request, signal } = ask;
      const order = { ...(await deletionOf(ask, service)), ...(await identityOf(request, params, body, archive)) };
      await checkWorkers(ask, service);
      return acceptedSync(await service.client.delete(order, { signal }));
    },
  }),
];

/** The order of a comparison: that of the latest sync where it is about nothing else. */
async function orderToCompare(ask: OrderAsk, service: Service): Promise<SyncOrder> {
  const { params, body, archive, principal, signal } = ask;
  const names = [body.manifests, body.files, body.source, body.bundle, body.kept, body.rollback, archive];
  if (names.some((each) => each !== undefined)) return orderOf(ask, service);
  const latest = await service.client.latestOrder(params.application, { cluster: params.cluster, signal });
  const { selection: _part, from: _place, ...told } = latest.options ?? {};
  return { ...latest, requestedBy: principal.subject, options: { ...told, ...optionsOf(body.options) } };
}

type DeletionAsk = Omit<OrderAsk, 'body'> & { readonly body: z.output<typeof deletionOrder> };

async function deletionOf(
  { params, body, archive, principal, signal }: DeletionAsk,
  service: Service,
): Promise<DeletionOrder> {
  const { namespace, orphan = false, skipHooks = false } = body;
  const options = optionsOf(body.options);
  const read = await readSubject({ ...body, options }, archive, params, service, signal);
  return {
    ...params,
    ...{ namespace, orphan, skipHooks, requestedBy: principal.subject, options },
    ...(read.kind === 'manifests' ? { manifests: read.manifests } : {}),
    ...(read.kind === 'bundle' ? { bundle: read.bundle } : {}),
    ...turnOf(body),
  };
}

/** Throws `TemporalUnreachable` where no worker would take the work, so that nobody waits for what can't begin. */
async function checkWorkers({ signal }: { readonly signal: AbortSignal }, { client }: Service): Promise<void> {
  if ((await client.workers({ signal })).length > 0) return;
  throw new TemporalUnreachable(`no worker polls ${describePlace(client.place)}`, 'start one with `syncline worker`');
}
