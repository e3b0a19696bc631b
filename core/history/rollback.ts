import type { SyncOptions, SyncRequest } from '../sync/request.ts';
import type { HistoryEntry } from './history.ts';

/** What a failed sync is followed by. */
export type RollbackTo = Pick<HistoryEntry, 'syncId' | 'number' | 'bundle' | 'revision' | 'request'>;

/** Whether a sync asks for a rollback after its failure. One that is a rollback, or a deletion, does not: it would go round in circles. */
export function followsWithRollback({ options, rollback, deletion }: SyncRequest): boolean {
  return options.onFailure === 'rollback' && rollback === undefined && deletion === undefined;
}

/** The request of the sync that goes back, after a failed one: the manifests and options of then, asked for by who asked for the failed one. `at` is ms since 1970. */
export function rollbackRequest(failed: SyncRequest, to: RollbackTo, syncId: string, at: number): SyncRequest {
  const { application, cluster, namespace, requestedBy, indexed } = failed;
  return {
    ...{ version: 1, syncId, application, cluster, namespace, requestedBy, requestedAt: at, indexed },
    ...{ createNamespace: to.request.createNamespace, bundle: to.bundle, revision: to.revision },
    options: repeatable(to.request.options),
    rollback: { syncId: to.syncId, number: to.number, after: failed.syncId },
  };
}

/** The options of an earlier sync, for another of the whole application: what belonged to that run alone is left out. */
export function repeatable(options: SyncOptions): SyncOptions {
  const { onFailure: _, selection: _part, from: _place, ...kept } = options;
  return { ...kept, takeOver: false };
}
