import type { BundleStore } from '../../bundles/bundle-store.ts';
import type { Clusters } from './clusters.ts';
import type { Temporal } from './temporal.ts';

/** What a client is connected to. */
export interface Connections {
  readonly temporal: Temporal;
  /** Throws `InvalidRequest` where no store is configured. */
  readonly bundles: () => BundleStore;
  readonly clusters: Clusters;
}
