import type { Failure } from '../core/failures.ts';
import { stamped } from '../core/apply/stamped.ts';
import { isUnchanged } from '../core/apply/unchanged.ts';
import { PLAIN_APPLY, sendingOf } from '../core/apply/write-mode.ts';
import { ownerOf } from '../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../core/objects.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { StoredApply, StoredPlan } from '../core/sync/stored-plan.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import type { SyncScope } from '../workflows/activities.ts';
import type { Writing } from './apply/writing.ts';
import type { LoadedBundle } from './bundle-cache.ts';
import { loadBundle, loadPlan } from './bundle-cache.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { failureOf } from './failures.ts';
import type { IgnoredFields } from './ignored-fields.ts';
import { openIgnoredFields } from './ignored-fields.ts';
import type { HealthJudge } from './health/judge.ts';
import { judgeFor } from './health/judge.ts';
import { manifestDigest } from './manifest-digest.ts';
import { fenceHolds } from './record/fence.ts';
import type { RecordStore } from './record/record-store.ts';
import { openRecord } from './record/record-store.ts';
import type { ActivityRuntime } from './runtime.ts';

/** What an activity of a planned sync works with. */
export interface SyncContext {
  readonly scope: SyncScope;
  readonly runtime: ActivityRuntime;
  /** The cluster as the account that the sync acts as. */
  readonly cluster: Cluster;
  /** The cluster with the worker's own rights, for what is Syncline's. */
  readonly own: Cluster;
  readonly record: RecordStore;
  readonly bundle: LoadedBundle;
  readonly plan: StoredPlan;
  readonly judge: HealthJudge;
  readonly ignored: IgnoredFields;
}

/** Opens cluster, record, bundle and plan of a sync. Throws what `deps.cluster`, `loadBundle` and `loadPlan` throw. */
export async function openSync(
  scope: SyncScope,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<SyncContext> {
  const own = await deps.cluster(scope.request.cluster);
  const cluster = await deps.cluster(scope.request.cluster, scope.request);
  const plan = await loadPlan(deps, scope.plan, runtime.signal);
  const bundle = await loadBundle(deps, plan.bundle, runtime.signal);
  const judge = await judgeFor(deps, { cluster, own }, runtime.signal);
  const ignored = openIgnoredFields(scope.request, deps.paths);
  return { scope, runtime, cluster, own, record: openRecord(own, scope.request), bundle, plan, judge, ignored };
}

/** Whether the activity may still write: nobody has claimed the record since. */
export async function mayWrite({ record, scope, runtime }: SyncContext): Promise<boolean> {
  return fenceHolds(record, scope, runtime);
}

/** What the activity writes objects with. */
export function writingOf(sync: SyncContext): Writing {
  const { cluster, runtime, scope, ignored } = sync;
  return { cluster, runtime, request: scope.request, dryRun: false, ignored, mayWrite: () => mayWrite(sync) };
}

/** Whether the live object of an apply step is as its manifest wants it. */
export async function isAsWanted(
  { bundle, scope, ignored }: SyncContext,
  step: StoredApply,
  live: KubernetesObject,
): Promise<boolean> {
  const mode = step.write ?? PLAIN_APPLY;
  const desired = await ignored.kept(desiredFor(step, bundle, scope.request), live, sendingOf(mode));
  return isUnchanged(desired, live, mode, scope.request);
}

/** The object that is sent for an apply step. */
export function desiredFor(step: StoredApply, bundle: LoadedBundle, request: SyncRequest): KubernetesObject {
  return stampedManifest(manifestOf(bundle, step.manifest).object, step.namespace, request);
}

/** A manifest with the marks of its application, in its namespace (undefined for a cluster-scoped kind). */
export function stampedManifest(
  manifest: KubernetesObject,
  namespace: string | undefined,
  request: SyncRequest,
): KubernetesObject {
  return stamped(manifest, { owner: ownerOf(request), digest: manifestDigest(manifest), namespace });
}

/**
 * The failure that an error means for an object of the bundle (or for one it does not have, such as a pruned one); undefined
 * for what may pass by itself, which is to be thrown on.
 */
export function failureIn(
  bundle: LoadedBundle,
  error: unknown,
  ref: ObjectRef,
  manifest?: number,
): Failure | undefined {
  return failureOf(error, {
    ref,
    redact: (text) => bundle.redact(text),
    ...(manifest === undefined ? {} : { location: manifestOf(bundle, manifest).location }),
  });
}

function manifestOf(bundle: LoadedBundle, index: number): LoadedBundle['manifests'][number] {
  const found = bundle.manifests[index];
  if (found === undefined) throw new RangeError(`the plan names manifest ${String(index)}, which its bundle lacks`);
  return found;
}
