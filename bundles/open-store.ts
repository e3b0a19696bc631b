import { resolve } from 'node:path';
import { failure } from '../core/failures.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import type { BundleStore } from './bundle-store.ts';
import { fileStore } from './file-store.ts';
import { kubernetesStore } from './kubernetes-store.ts';

/** What a store may need besides its specification. */
export interface StoreDependencies {
  /** The cluster of a `kubernetes:` store. */
  readonly cluster?: Cluster;
}

/** An RFC 1123 label, as a namespace's name must be. */
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Opens the store that `SYNCLINE_BUNDLES` names: `file:PATH` (relative to the working folder) or `kubernetes:NAMESPACE`.
 * Nothing is read or written yet. Throws `InvalidRequest` for any other specification, and for `kubernetes:` without a cluster.
 */
export function openBundleStore(specification: string, { cluster }: StoreDependencies = {}): BundleStore {
  const colon = specification.indexOf(':');
  const [driver, place] = [specification.slice(0, colon), specification.slice(colon + 1)];
  if (driver === 'file' && place !== '') return fileStore(resolve(place));
  if (driver !== 'kubernetes' || !NAMESPACE.test(place)) {
    throw failure('InvalidRequest', `${JSON.stringify(specification)} names no bundle store.`, {
      remedy: 'Set SYNCLINE_BUNDLES to file:PATH or kubernetes:NAMESPACE.',
    });
  }
  if (cluster === undefined) {
    throw failure('InvalidRequest', `The bundle store ${specification} can't be opened: no cluster is configured.`, {
      remedy: 'Configure the cluster that holds it, or set SYNCLINE_BUNDLES to file:PATH.',
    });
  }
  return kubernetesStore(cluster, place);
}
