import type { SyncStateReport } from './sync-state-report.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { refKey } from '../../core/objects.ts';
import type { ResourceRow } from './resource-rows.ts';

/** How an object stands to the manifests of the latest sync, in Argo CD's words; `Extra` = the application's, and in no manifest. */
export type ObjectSync = 'Synced' | 'OutOfSync' | 'Missing' | 'Extra';

/** A row of the latest sync with how its object stands now; without it where the object was pruned, or nobody can tell. */
export type StandingRow = ResourceRow & { readonly sync?: ObjectSync };

/** The objects of an application, and how they stand to the manifests of its latest sync. */
export interface Standing {
  readonly resources: readonly StandingRow[];
  /** Objects that do not stand as they should and with which the latest sync had nothing to do. */
  readonly others: readonly (ObjectRef & { readonly sync: ObjectSync })[];
  /** Why it can't be told; absent where it can. */
  readonly syncUnknown?: string;
}

/** Joins what the latest sync did with each object with how the cluster stands to its manifests. */
export function standingOf(rows: readonly ResourceRow[], report: SyncStateReport): Standing {
  if (report.state === 'unknown') return { resources: rows, others: [], syncUnknown: report.reason };
  const told = report.state === 'in-sync' ? [] : deviations(report);
  const syncs = new Map(told.map((object) => [refKey(object), object.sync]));
  const known = new Set(rows.map(refKey));
  return {
    resources: rows.map((row) => {
      const sync = syncs.get(refKey(row)) ?? (row.action === 'apply' ? 'Synced' : undefined);
      return sync === undefined ? row : { ...row, sync };
    }),
    others: told.filter((object) => !known.has(refKey(object))),
  };
}

function deviations({ differing, missing, extra }: SyncStateReport & { readonly state: 'out-of-sync' }) {
  const as = (refs: readonly ObjectRef[], sync: ObjectSync) => refs.map((ref) => ({ ...ref, sync }));
  return [...as(differing, 'OutOfSync'), ...as(missing, 'Missing'), ...as(extra, 'Extra')];
}
