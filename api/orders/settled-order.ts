import type { z } from 'zod';
import type { SyncOptions, SyncOrder, Turn } from '../../client/index.ts';
import { sourceBody } from '../../client/http/orders.ts';
import type { syncOrder } from '../../client/http/schemas/orders.ts';
import type { ApplicationDefinition } from '../../core/application/application.ts';
import { failure } from '../../core/failures.ts';
import type { Principal, Scope } from '../access/token.ts';
import type { Service } from '../route.ts';
import type { Subject } from './manifests.ts';
import { readSubject, refuseSeveral } from './manifests.ts';
import { optionsOf } from './options.ts';
import type { SourceOrder } from './source.ts';

/** An order as it came. */
export type OrderBody = z.output<typeof syncOrder>;

/** An order that was read and allowed. */
export interface OrderAsk {
  readonly params: Scope;
  readonly body: OrderBody;
  /** Where an uploaded archive was put; absent where none came. */
  readonly archive: string | undefined;
  readonly principal: Principal;
  readonly signal: AbortSignal;
}

/** An order of which is known where it goes, and with which options. */
export interface SettledOrder extends Subject {
  readonly options: Partial<SyncOptions>;
  readonly createNamespace?: boolean;
}

/**
 * Finds out where an order goes: what is kept of the application where it asks for that, else what it says itself. Throws
 * `InvalidRequest` where it says too much or too little, and `NotFound` where nothing is kept.
 */
export async function settledOrder(
  { params, body, archive, signal }: OrderAsk,
  { client }: Pick<Service, 'client'>,
): Promise<SettledOrder> {
  refuseSeveral(body, archive);
  const { namespace, options: given, kept, rollback: _, ...said } = body;
  const options = optionsOf(given);
  if (kept === undefined) {
    if (namespace !== undefined) return { ...said, namespace, options };
    throw failure('InvalidRequest', 'the manifests need the namespace that they go to', {
      remedy: 'give it as `namespace`',
    });
  }
  const definition = await client.applications.get(params.application, { cluster: params.cluster, signal });
  checkSameNamespace(definition, namespace);
  return {
    ...said,
    namespace: definition.namespace,
    createNamespace: said.createNamespace ?? definition.createNamespace ?? false,
    source: sourceOf(definition),
    options: { ...definition.options, ...options },
  };
}

/** What an order asks of the library. Throws as `settledOrder` and `readSubject` do, and as the library where there is nothing to go back to. */
export async function orderOf(ask: OrderAsk, service: Service): Promise<SyncOrder> {
  const { params, body, archive, principal, signal } = ask;
  if (body.rollback !== undefined) return rollbackOf(ask, body.rollback, service);
  const { namespace, createNamespace, options, ...subject } = await settledOrder(ask, service);
  const read = await readSubject({ ...subject, namespace, options }, archive, params, service, signal);
  if (read.kind === 'none') throw nothingOrdered();
  const revision = body.revision ?? (read.kind === 'manifests' ? read.revision : undefined);
  return {
    ...params,
    ...(read.kind === 'manifests' ? { manifests: read.manifests } : { bundle: read.bundle }),
    ...{ namespace, requestedBy: principal.subject, options },
    ...turnOf(body),
    ...(createNamespace === undefined ? {} : { createNamespace }),
    ...(revision === undefined ? {} : { revision }),
  };
}

async function rollbackOf(
  { params: { cluster, application }, body, archive, principal, signal }: OrderAsk,
  rollback: NonNullable<OrderBody['rollback']>,
  { client }: Service,
): Promise<SyncOrder> {
  refuseSeveral(body, archive);
  const order = await client.rollbackOrder(application, {
    ...{ cluster, requestedBy: principal.subject, signal, options: optionsOf(body.options) },
    ...(body.namespace === undefined ? {} : { namespace: body.namespace }),
    ...rollback,
  });
  return { ...order, ...turnOf(body) };
}

/** What an order says about its turn. */
export function turnOf({ ifRunning, supersedeWithinMs, syncId }: Turn): Turn {
  return {
    ...(ifRunning === undefined ? {} : { ifRunning }),
    ...(supersedeWithinMs === undefined ? {} : { supersedeWithinMs }),
    ...(syncId === undefined ? {} : { syncId }),
  };
}

/** The error for an order that is about nothing. */
export function nothingOrdered() {
  return failure('InvalidRequest', 'the order names no manifests', {
    remedy: 'give manifests, files or a source, upload an archive, or ask for what is kept',
  });
}

/** Another namespace is another record: it is changed in what is kept, not for one sync. */
function checkSameNamespace({ application, namespace }: ApplicationDefinition, said: string | undefined): void {
  if (said === undefined || said === namespace) return;
  throw failure('InvalidRequest', `${application} is kept for namespace ${namespace}, not ${said}`, {
    remedy: 'leave the namespace out, or change what is kept',
  });
}

/** The source of what is kept, as an order could name it. */
function sourceOf({ application, source }: ApplicationDefinition): SourceOrder {
  const { kustomize, timeoutMs } = source;
  if (kustomize?.allowRemote === true) {
    throw failure(
      'InvalidRequest',
      `${application} is kept with leave to load what is elsewhere, which a server does not`,
      {
        remedy: 'sync it with the command where Temporal can be reached, or upload its manifests',
      },
    );
  }
  return { ...sourceBody(source), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}
