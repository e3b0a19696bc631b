import { groupOf } from '../core/objects.ts';
import type { ServedKind } from './cluster.ts';

/**
 * The path of a kind's collection: `/api/v1/namespaces/shop/configmaps`. Without a namespace it is the collection of a
 * cluster-scoped kind, or that of all namespaces. A namespace is ignored where the kind is cluster-scoped.
 */
export function collectionPath(served: ServedKind, namespace: string | undefined): string {
  const root = groupOf(served.apiVersion) === '' ? '/api' : '/apis';
  const base = `${root}/${served.apiVersion}`;
  if (!served.namespaced || namespace === undefined) return `${base}/${served.plural}`;
  return `${base}/namespaces/${encodeURIComponent(namespace)}/${served.plural}`;
}

/** The path of one object. Names keep their case, and characters such as `:` (ClusterRole `system:node`) are encoded. */
export function objectPath(served: ServedKind, namespace: string | undefined, name: string): string {
  return `${collectionPath(served, namespace)}/${encodeURIComponent(name)}`;
}

/** A path with a query; entries whose value is undefined are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(query).filter((entry) => entry[1] !== undefined);
  if (entries.length === 0) return path;
  return `${path}?${entries.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join('&')}`;
}
