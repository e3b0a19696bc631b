import { failure } from '../../core/failures.ts';
import { hookVerdict } from '../../core/health/hook-verdict.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, refOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import type { LedgerEntry } from '../../core/record/record.ts';
import { wasStopped } from '../../core/record/record.ts';
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

/** Stops what an attempt may have left running, by its UID. Answers whether it did: another object of its name stays. */
export async function stopObject(run: HookRun, entry: LedgerEntry): Promise<boolean> {
  const propagation = stoppingPropagationOf(run.input.scope.request);
  try {
    return await run.cluster.delete(run.refAt(entry.attempt), { uid: entry.uid, propagation }, run.runtime.signal);
  } catch (error) {
    if (isApiError(error, 409)) return false;
    throw error;
  }
}

/**
 * Before a further attempt: stops what earlier ones have left running although they have a verdict, and waits until that is
 * gone. Whoever wrote a verdict may have died before it could stop the object, and two must not run at once.
 */
export async function stopEarlier(run: HookRun, entries: readonly LedgerEntry[]): Promise<void> {
  for (const entry of entries) {
    const live = await run.cluster.get(run.refAt(entry.attempt), run.runtime.signal);
    if (live === undefined || uidOf(live) !== entry.uid || !isToBeStopped(run, entry, live)) continue;
    await stopObject(run, entry);
    await awaitGone(run, live);
  }
}

/** What was to be stopped goes in any case, as when hooks are settled; of the rest what has an end and has not come to it. */
function isToBeStopped({ input }: HookRun, { verdict }: LedgerEntry, live: KubernetesObject): boolean {
  if (verdict === undefined) return false;
  return wasStopped(verdict) || (input.hook.runsToCompletion && hookVerdict(live).kind === 'running');
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
