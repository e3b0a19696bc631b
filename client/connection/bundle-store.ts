import type { BundleStore } from '../../bundles/bundle-store.ts';
import { openBundleStore } from '../../bundles/open-store.ts';
import { failure } from '../../core/failures.ts';
import type { OpenCluster } from './clusters.ts';
import type { Temporal, TemporalOptions } from './temporal.ts';

/** Where bundles are, and which clusters can be reached. */
export interface StoreOptions {
  /** The bundle store, or its specification. @default the variable SYNCLINE_BUNDLES */
  readonly bundles?: BundleStore | string;
  /**
   * Opens the clusters that logs and events of running hooks are read from, and that of a `kubernetes:` store; they are closed with the
   * client. @default none: logs are read once a hook has ended
   */
  readonly openCluster?: OpenCluster;
  /** The name of the cluster that a `kubernetes:` store is in. @default `default` */
  readonly storeCluster?: string;
}

/** The bundle store of a client. */
export interface ClientStore {
  /** The store, as that of a Temporal. Throws `InvalidRequest` where none is configured: what needs no bundles does without. */
  of(temporal: Pick<Temporal, 'id'>): BundleStore;
  close(): Promise<void>;
}

/** Opens what the bundle store of a client needs. Throws as `openCluster` does. */
export async function bundleStoreOf({
  bundles,
  openCluster,
  storeCluster = 'default',
  env = process.env,
}: StoreOptions & Pick<TemporalOptions, 'env'>): Promise<ClientStore> {
  const named = bundles ?? env['SYNCLINE_BUNDLES'] ?? '';
  const isInCluster = typeof named === 'string' && named.startsWith('kubernetes:');
  const cluster = isInCluster ? await openCluster?.(storeCluster) : undefined;
  const store = (): BundleStore => {
    if (typeof named !== 'string') return named;
    if (named !== '') return openBundleStore(named, cluster === undefined ? {} : { cluster });
    throw failure('InvalidRequest', 'no bundle store is configured', {
      remedy: 'set SYNCLINE_BUNDLES (or --bundles) to the store the worker uses, e.g. file:/var/lib/syncline',
    });
  };
  return {
    // What a client refers to is told from what others do who share the store.
    of: ({ id }) => (id === undefined ? store() : store().ownedBy(id)),
    close: async () => cluster?.close(),
  };
}
