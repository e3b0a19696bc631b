import type { Failure } from '../../core/failures.ts';
import type { ObjectRef } from '../../core/objects.ts';
import type { ApplyStep, HookStep } from '../../core/plan/plan.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { HealthJudge } from '../health/judge.ts';
import type { LoadedBundle } from '../bundle-cache.ts';
import type { IgnoredFields } from '../ignored-fields.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { failureIn } from '../sync-context.ts';

/** What planning works with. */
export interface Planning {
  readonly request: SyncRequest;
  readonly runtime: ActivityRuntime;
  /** The cluster as the account that the sync acts as. */
  readonly cluster: Cluster;
  /** The cluster with the worker's own rights: for the inventory, and to see whether a namespace or a record exists. */
  readonly own: Cluster;
  readonly bundle: LoadedBundle;
  readonly judge: HealthJudge;
  readonly ignored: IgnoredFields;
}

/** A step that applies or runs a manifest, under its real name. */
export type NamedManifestStep = (ApplyStep | HookStep) & { readonly name: string };

/** What one check found: sentences for people, and what the user must mend. */
export interface Findings {
  readonly warnings: readonly string[];
  readonly failures: readonly Failure[];
}

/** The failure that an error means for a step's object; throws the error on where it may pass by itself. */
export function refusal(planning: Planning, error: unknown, step: NamedManifestStep): Failure {
  return refusalOf(planning, error, step, step.manifest);
}

/** As `refusal`, for an object that the bundle need not have. */
export function refusalOf(planning: Planning, error: unknown, ref: ObjectRef, manifest?: number): Failure {
  const found = failureIn(planning.bundle, error, ref, manifest);
  if (found === undefined) throw error;
  return found;
}

/** Where a manifest stands, as `file:line`. */
export function placeOf({ bundle }: Planning, manifest: number): string {
  const location = bundle.manifests[manifest]?.location;
  return location === undefined ? '' : `${location.file}:${String(location.line)}`;
}
