import { hookVerdict } from '../../core/health/hook-verdict.ts';
import { isGated } from '../../core/hooks/gated-object.ts';
import { APPLICATION_LABEL, OWNER_ANNOTATION, SYNC_LABEL, ownerOf } from '../../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { annotationsOf, labelsOf, refOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { IsRunning } from './forsaken-hook.ts';
import { forsakenHook } from './forsaken-hook.ts';
import { openRecord } from './record-store.ts';

/** The kinds that can be gated. */
const GATED_KINDS = [
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'v1', kind: 'Pod' },
] as const;

/** An application as the sweep needs it. */
interface SweptApplication {
  readonly application: string;
  readonly namespace: string;
  readonly syncId: string;
}

/** Where to look for hooks that were not released: one namespace, or all of them. */
interface SweepQuery {
  readonly labelSelector: string;
  readonly namespace?: string;
  /** Those that run, too. */
  readonly running?: boolean;
}

/**
 * Removes the gated hooks of one application, in the given namespaces, that belong to another sync than the given one, which
 * holds the record: created, never released, and nobody will release them any more. Answers what was removed: nothing where
 * the record is in other hands by now, since hooks of whoever has claimed it since may be among what was found.
 */
export async function sweepApplication(
  cluster: Cluster,
  application: SweptApplication,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<readonly ObjectRef[]> {
  const owner = ownerOf(application);
  const labelSelector = `${APPLICATION_LABEL}=${application.application}`;
  const lists = await Promise.all(
    namespaces.map((namespace) => unfinishedHooks(cluster, { labelSelector, namespace }, signal)),
  );
  const gated = lists.flat();
  const left = gated.filter(
    (object) =>
      annotationsOf(object)[OWNER_ANNOTATION] === owner && labelsOf(object)[SYNC_LABEL] !== application.syncId,
  );
  if (left.length === 0) return [];
  const record = await openRecord(cluster, application).read(signal);
  return record?.holder?.syncId === application.syncId ? removeAll(cluster, left, signal) : [];
}

/** What a sweep removes. */
export interface SweepScope {
  /** Of one application alone. */
  readonly application?: string;
  /** Hooks that run, too: left by a sync that was terminated, or could not reach the cluster when it was stopped. */
  readonly running?: boolean;
}

/**
 * Removes every gated hook of the cluster whose sync is over, and where asked those that run. A sync counts as running while its application's
 * record is held by it and Temporal confirms that.
 */
export async function sweepCluster(
  cluster: Cluster,
  isRunning: IsRunning,
  signal: AbortSignal,
  { application, running = false }: SweepScope = {},
): Promise<readonly ObjectRef[]> {
  const labelSelector = application === undefined ? SYNC_LABEL : `${APPLICATION_LABEL}=${application},${SYNC_LABEL}`;
  const left: KubernetesObject[] = [];
  for (const object of await unfinishedHooks(cluster, { labelSelector, running }, signal)) {
    const forsaken = await forsakenHook(cluster, object, isRunning, signal);
    if (forsaken !== undefined) left.push(forsaken);
  }
  return removeAll(cluster, left, signal);
}

async function unfinishedHooks(
  cluster: Cluster,
  { running = false, ...query }: SweepQuery,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const lists = await Promise.all(GATED_KINDS.map((kind) => cluster.list({ ...kind, ...query }, signal)));
  return lists.flat().filter((object) => isGated(object) || (running && hookVerdict(object).kind === 'running'));
}

/** UID and resourceVersion are preconditions: one that is released, or changes, meanwhile stays. Pods of one that runs end first. */
async function removeAll(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<readonly ObjectRef[]> {
  const removed: ObjectRef[] = [];
  for (const object of objects) {
    const preconditions = { uid: uidOf(object), resourceVersion: resourceVersionOf(object) };
    try {
      const propagation = isGated(object) ? 'Background' : 'Foreground';
      if (await cluster.delete(refOf(object), { ...preconditions, propagation }, signal)) removed.push(refOf(object));
    } catch (error) {
      if (!isApiError(error, 409)) throw error;
    }
  }
  return removed;
}
