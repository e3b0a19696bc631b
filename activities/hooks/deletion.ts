import { failure } from '../../core/failures.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, refOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { awaitDeparture } from '../departure.ts';
import { stoppingPropagationOf } from '../propagation.ts';
import type { HookRun } from './hook-run.ts';

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
  const { runtime, cluster, input } = run;
  const report = () =>
    runtime.heartbeat({
      kind: 'hook',
      id: input.hook.id,
      uid: uidOf(live),
      attempt: 0,
      since: runtime.scheduledAt,
      state: `waits until an older ${describeRef(refOf(live))} is gone`,
    });
  if ((await awaitDeparture({ cluster, runtime, report }, live)) === 'stays') throw stuck(live);
}

function stuck(live: KubernetesObject) {
  const object = describeRef(refOf(live));
  return failure('HookConflict', `${object} is being deleted and does not go`, {
    object,
    remedy: 'see what holds it: metadata.finalizers, or a pod that does not end',
  });
}
