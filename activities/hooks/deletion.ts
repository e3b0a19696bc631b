import { failure } from '../../core/failures.ts';
import { stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, refOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import { podsOf } from '../../kubernetes/logs-and-events.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { stoppingPropagationOf } from '../propagation.ts';
import type { HookRun } from './hook-run.ts';

/** How long an object may take to leave before that is a failure: finalizers and terminating pods included. */
const LEAVE_LIMIT_MS = 5 * 60_000;

/** How often to look when no watch tells of a change. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Deletes what stands in a hook's way and waits until it and its pods are gone. UID and resourceVersion are preconditions:
 * what has changed since it was judged is looked at again instead.
 */
export async function deleteAndAwait(run: HookRun, live: KubernetesObject): Promise<void> {
  const preconditions = { uid: uidOf(live), resourceVersion: resourceVersionOf(live) };
  const propagation = stoppingPropagationOf(run.input.scope.request);
  try {
    await run.cluster.delete(refOf(live), { ...preconditions, propagation }, run.runtime.signal);
  } catch (error) {
    if (isApiError(error, 409)) return;
    throw error;
  }
  await awaitGone(run, live);
}

/** Waits until an object and the pods it owns are gone. Throws `HookConflict` when they do not leave in time. */
export async function awaitGone(run: HookRun, live: KubernetesObject): Promise<void> {
  const { runtime, cluster } = run;
  const ref = refOf(live);
  const limit = runtime.now() + LEAVE_LIMIT_MS;
  const view = await cluster.view(viewQuery(live), runtime.signal);
  try {
    while (!(await isGone(run, live))) {
      if (runtime.now() >= limit) throw stuck(live);
      runtime.heartbeat({
        kind: 'hook',
        id: run.input.hook.id,
        uid: uidOf(live),
        attempt: 0,
        since: runtime.scheduledAt,
        state: `waits until an older ${describeRef(ref)} is gone`,
      });
      await view.changed(LOOK_AGAIN_MS, runtime.signal);
    }
  } finally {
    view.close();
  }
}

function viewQuery(live: KubernetesObject) {
  const { apiVersion, kind, namespace } = refOf(live);
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) };
}

async function isGone(run: HookRun, live: KubernetesObject): Promise<boolean> {
  const { runtime, cluster } = run;
  const now = await cluster.get(refOf(live), runtime.signal);
  if (now !== undefined && uidOf(now) === uidOf(live)) return false;
  const namespace = stringAt(live, 'metadata', 'namespace');
  if (stringAt(live, 'kind') !== 'Job' || namespace === undefined) return true;
  const pods = await podsOf(cluster, namespace, uidOf(live), runtime.signal);
  return pods.length === 0;
}

function stuck(live: KubernetesObject) {
  const object = describeRef(refOf(live));
  return failure('HookConflict', `${object} is being deleted and does not go`, {
    object,
    remedy: 'see what holds it: metadata.finalizers, or a pod that does not end',
  });
}
