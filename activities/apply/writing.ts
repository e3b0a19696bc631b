import type { SyncRequest } from '../../core/sync/request.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { IgnoredFields } from '../ignored-fields.ts';
import type { ActivityRuntime } from '../runtime.ts';

/** What objects are written with. */
export interface Writing {
  readonly cluster: Pick<Cluster, 'get' | 'list' | 'create' | 'replace' | 'apply' | 'patch' | 'delete' | 'view'>;
  readonly request: SyncRequest;
  readonly runtime: Pick<ActivityRuntime, 'signal' | 'now'>;
  /** The fields that keep their live values; absent = none. */
  readonly ignored?: Pick<IgnoredFields, 'keeps' | 'kept'>;
  /** Lets the API server validate and admit what would be written, and changes nothing. */
  readonly dryRun: boolean;
  /** Whether the sync still has its record: asked before what can't be undone, and after waits. */
  mayWrite(): Promise<boolean>;
}

/** What became of a write; what the API server refuses is thrown as its `ApiError`. */
export type Written =
  | {
      readonly kind: 'written';
      readonly object: KubernetesObject;
      /** Whether the object that was there was deleted first. */
      readonly anew: boolean;
    }
  | { readonly kind: 'fenced' };
