import type { ObjectRef } from '../../core/objects.ts';

/** How an application stands to the manifests of its latest sync. */
export type SyncStateReport =
  | { readonly state: 'in-sync' }
  | {
      readonly state: 'out-of-sync';
      /** Live, and not as the manifests want them. */
      readonly differing: readonly ObjectRef[];
      /** In the manifests, and not live. */
      readonly missing: readonly ObjectRef[];
      /** The application's, and not in the manifests. */
      readonly extra: readonly ObjectRef[];
    }
  | { readonly state: 'unknown'; readonly reason: string };
