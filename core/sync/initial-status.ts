import type { SyncRequest } from './request.ts';
import type { SyncStatus } from './status.ts';

/** The status of a sync of which nothing is known but its request. `startedAt` is in ms since 1970. */
export function initialStatus(request: SyncRequest, startedAt: number): SyncStatus {
  const { application, cluster, namespace, syncId, revision, bundle, requestedBy, options } = request;
  return {
    version: 1,
    application,
    cluster,
    namespace,
    syncId,
    revision,
    bundle,
    ...(options.selection === undefined ? {} : { selection: options.selection }),
    ...(options.as === undefined ? {} : { as: options.as }),
    state: 'planning',
    ...(request.rollback === undefined ? {} : { rollback: request.rollback }),
    ...(request.deletion === undefined ? {} : { operation: 'delete' as const }),
    requestedBy,
    startedAt,
    phases: [],
    failures: [],
    warnings: [],
  };
}
