import { z } from 'zod';
import type { Turn } from '../../client/begin.ts';
import { TemporalUnreachable } from '../../client/errors.ts';
import type { SyncOrder } from '../../client/request.ts';
import { describePlace } from '../../client/place.ts';
import { failure } from '../../core/failures.ts';
import { IDEMPOTENCY_HEADER, identityOf } from '../orders/idempotency.ts';
import { readSubject } from '../orders/manifests.ts';
import { optionsOf } from '../orders/options.ts';
import type { Ask, Route, Service } from '../route.ts';
import { route } from '../route.ts';
import { accepted, comparison, plan } from '../schemas/answers.ts';
import { deletionOrder, syncOrder } from '../schemas/orders.ts';
import { syncState } from '../schemas/status.ts';
import { acceptedSync } from './commands.ts';
import { applicationParams, APPLICATION_PATH } from './paths.ts';

type OrderAsk = Ask<z.output<typeof applicationParams>, unknown, z.output<typeof syncOrder>>;

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
    problems: [413, 415, 422],
    handle: async ({ params, body, archive, signal }, service) => {
      const read = await readSubject(body, archive, params, service, signal);
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
    body: z.strictObject({ ...syncOrder.shape, namespace: syncOrder.shape.namespace.exactOptional() }),
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
    operation: 'getLatestOrder',
    method: 'GET',
    path: `${APPLICATION_PATH}/order`,
    summary: 'Show the order of the latest sync',
    access: 'read',
    params: applicationParams,
    answer: {
      kind: 'json',
      status: 200,
      schema: z
        .looseObject({ version: z.literal(1), namespace: z.string(), bundle: z.string(), options: z.looseObject({}) })
        .meta({ id: 'LatestOrder' }),
      description: 'What was asked for, with the digest of its manifests.',
    },
    problems: [404, 409],
    handle: async ({ params, signal }, { client }) => ({
      version: 1,
      ...(await client.latestOrder(params.application, { cluster: params.cluster, signal })),
    }),
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
    handle: async ({ params, body, archive, principal, request, signal }, service) => {
      const read = await readSubject(body, archive, params, service, signal);
      await checkWorkers({ signal }, service);
      const { orphan = false, skipHooks = false, dryRun = false, options } = body;
      const order = {
        ...params,
        ...{ namespace: body.namespace, orphan, skipHooks, requestedBy: principal.subject },
        ...(read.kind === 'manifests' ? { manifests: read.manifests } : {}),
        ...(read.kind === 'bundle' ? { bundle: read.bundle } : {}),
        ...turnOf(body),
        options: { ...optionsOf(options), dryRun },
        ...(await identityOf(request, params, body, archive)),
      };
      return acceptedSync(await service.client.delete(order, { signal }));
    },
  }),
];

/** What an order says about its turn. */
function turnOf({ ifRunning, supersedeWithinMs, syncId }: Turn): Turn {
  return {
    ...(ifRunning === undefined ? {} : { ifRunning }),
    ...(supersedeWithinMs === undefined ? {} : { supersedeWithinMs }),
    ...(syncId === undefined ? {} : { syncId }),
  };
}

/** What an order asks of the library. */
async function orderOf({ params, body, archive, principal, signal }: OrderAsk, service: Service): Promise<SyncOrder> {
  const { namespace, createNamespace, options } = body;
  const read = await readSubject(body, archive, params, service, signal);
  if (read.kind === 'none') throw nothingOrdered();
  const revision = body.revision ?? (read.kind === 'manifests' ? read.revision : undefined);
  return {
    ...params,
    ...(read.kind === 'manifests' ? { manifests: read.manifests } : { bundle: read.bundle }),
    ...{ namespace, requestedBy: principal.subject, options: optionsOf(options) },
    ...turnOf(body),
    ...(createNamespace === undefined ? {} : { createNamespace }),
    ...(revision === undefined ? {} : { revision }),
  };
}

type CompareAsk = Ask<
  OrderAsk['params'],
  unknown,
  Partial<Pick<OrderAsk['body'], 'namespace'>> & Omit<OrderAsk['body'], 'namespace'>
>;

async function orderToCompare(ask: CompareAsk, service: Service): Promise<SyncOrder> {
  const { params, body, archive, principal, signal } = ask;
  const { namespace } = body;
  const names = [body.manifests, body.files, body.source, body.bundle, archive];
  if (names.some((each) => each !== undefined)) {
    if (namespace !== undefined) return orderOf({ ...ask, body: { ...body, namespace } }, service);
    throw failure('InvalidRequest', 'manifests to compare with need the namespace that they go to', {
      remedy: 'give it as `namespace`',
    });
  }
  const latest = await service.client.latestOrder(params.application, { cluster: params.cluster, signal });
  const { selection: _part, from: _place, ...told } = latest.options ?? {};
  return { ...latest, requestedBy: principal.subject, options: { ...told, ...optionsOf(body.options) } };
}

function nothingOrdered() {
  return failure('InvalidRequest', 'the order names no manifests', {
    remedy: 'give manifests, files or a source, or upload an archive',
  });
}

/** Throws `TemporalUnreachable` where no worker would take the work, so that nobody waits for what can't begin. */
async function checkWorkers({ signal }: { readonly signal: AbortSignal }, { client }: Service): Promise<void> {
  if ((await client.workers({ signal })).length > 0) return;
  throw new TemporalUnreachable(`no worker polls ${describePlace(client.place)}`, 'start one with `syncline worker`');
}
