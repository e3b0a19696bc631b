import type { ObjectRef } from '../objects.ts';
import type { Phase } from '../phases.ts';
import type { FieldChange } from './field-changes.ts';

/** What a sync would do to one object. */
export type ObjectDifference =
  /** It is not live yet, and is made. */
  | { readonly kind: 'added'; readonly ref: ObjectRef }
  | { readonly kind: 'changed'; readonly ref: ObjectRef; readonly changes: readonly FieldChange[] }
  /** It can't be changed, and so is deleted and made anew. */
  | { readonly kind: 'remade'; readonly ref: ObjectRef }
  /** It is pruned. */
  | { readonly kind: 'removed'; readonly ref: ObjectRef }
  /** The application owns it, the manifests don't have it, and it stays. */
  | { readonly kind: 'extra'; readonly ref: ObjectRef }
  /** It is applied, but the API server can't say beforehand what comes of it. */
  | { readonly kind: 'unpredicted'; readonly ref: ObjectRef; readonly reason: string }
  /** It is as the manifests want it, and only marked as the application's. */
  | { readonly kind: 'marked'; readonly ref: ObjectRef }
  | { readonly kind: 'hook'; readonly ref: ObjectRef; readonly phase: Phase };

/** Objects by what a sync would do to them; `unchanged` are those it would leave as they are. */
export type DiffCounts = { readonly [Kind in ObjectDifference['kind'] | 'unchanged']: number };

/** What a sync would change, as it is kept in the bundle store (JSON). Holds no value of a Secret. */
export interface SyncDiff {
  readonly version: 1;
  readonly counts: DiffCounts;
  /** In the order of the plan; prunes first, what stays last. */
  readonly objects: readonly ObjectDifference[];
}

/** A diff as Temporal's history holds it: the digest of the stored one, and its counts. */
export interface DiffSummary {
  readonly digest: string;
  readonly counts: DiffCounts;
}

/** Makes the diff of a sync from its differences and the number of objects that it would leave as they are. */
export function syncDiff(objects: readonly ObjectDifference[], unchanged: number): SyncDiff {
  const count = (kind: ObjectDifference['kind']): number => objects.filter((object) => object.kind === kind).length;
  const counts: DiffCounts = {
    added: count('added'),
    changed: count('changed'),
    remade: count('remade'),
    removed: count('removed'),
    extra: count('extra'),
    unpredicted: count('unpredicted'),
    marked: count('marked'),
    hook: count('hook'),
    unchanged,
  };
  return { version: 1, counts, objects };
}

/** Whether the cluster differs from the manifests; hooks, and marks alone, are no difference. */
export function differs({ added, changed, remade, removed, extra, unpredicted }: DiffCounts): boolean {
  return added + changed + remade + removed + extra + unpredicted > 0;
}
