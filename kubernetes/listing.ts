import type { JsonObject } from '../core/json.ts';
import { arrayAt, isJsonObject, objectAt, stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import type { ListQuery, ServedKind } from './cluster.ts';
import { isApiError } from './errors.ts';
import { collectionPath, withQuery } from './paths.ts';
import type { ApiRequest, Transport } from './transport.ts';

/** Objects of a list, and the version of the store they were read at. */
export interface Listing {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
}

/** Asks for the objects' metadata alone. A server that can't give it answers in full. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

const PAGE_SIZE = 500;
const MOST_RESTARTS = 3;

/**
 * All objects of a query, read in pages of 500. Items carry apiVersion and kind, which the server leaves out of lists.
 * A page whose continue token has expired (410) starts the list over, at most three times.
 */
export async function listAll(
  transport: Transport,
  served: ServedKind,
  query: ListQuery,
  signal: AbortSignal,
): Promise<Listing> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await listPages(transport, served, query, signal);
    } catch (error) {
      if (!isApiError(error, 410) || restarts === MOST_RESTARTS) throw error;
    }
  }
}

/** The request for a collection with the query's selectors and `extra` parameters. */
export function collectionRequest(
  served: ServedKind,
  query: ListQuery,
  action: string,
  extra: Readonly<Record<string, string | number | undefined>>,
): ApiRequest {
  const { labelSelector, fieldSelector } = query;
  const place = query.namespace === undefined || !served.namespaced ? '' : ` in namespace ${query.namespace}`;
  return {
    method: 'GET',
    path: withQuery(collectionPath(served, query.namespace), { labelSelector, fieldSelector, ...extra }),
    ...(query.metadataOnly === true ? { accept: METADATA_ONLY } : {}),
    idempotent: true,
    subject: { action, object: `${served.kind} objects${place}`, secret: false },
  };
}

async function listPages(
  transport: Transport,
  served: ServedKind,
  query: ListQuery,
  signal: AbortSignal,
): Promise<Listing> {
  const items: KubernetesObject[] = [];
  let page: JsonObject;
  let token: string | undefined;
  do {
    page = await transport.json(
      collectionRequest(served, query, 'list', { limit: PAGE_SIZE, continue: token }),
      signal,
    );
    for (const item of arrayAt(page, 'items')) if (isJsonObject(item)) items.push(withKind(item, served));
    token = stringAt(page, 'metadata', 'continue');
  } while (token !== undefined && token !== '');
  return { items, resourceVersion: stringAt(objectAt(page, 'metadata'), 'resourceVersion') ?? '' };
}

function withKind(item: JsonObject, served: ServedKind): KubernetesObject {
  return { ...item, apiVersion: served.apiVersion, kind: served.kind };
}
