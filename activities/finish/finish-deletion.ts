import { failure } from '../../core/failures.ts';
import type { Failure } from '../../core/failures.ts';
import { isBeingDeleted } from '../../core/health/rules.ts';
import { OWNER_ANNOTATION, ownerOf } from '../../core/markers.ts';
import { annotationsOf, describeRef, refKey, uidOf } from '../../core/objects.ts';
import { holds, released } from '../../core/record/transitions.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { FinishAnswer, FinishInput } from '../../workflows/activities.ts';
import { loadPlan } from '../bundle-cache.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { removeHistory } from '../history/sync-history.ts';
import { readInventory, removeInventory } from '../inventory/inventory.ts';
import { readLive } from '../live-objects.ts';
import { releaseBundles } from '../record/application-bundles.ts';
import { fenceOf } from '../record/fence.ts';
import { openRecord } from '../record/record-store.ts';
import { takeRecord } from '../record/take-record.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { SyncContext } from '../sync-context.ts';
import { mayWrite, openSync } from '../sync-context.ts';
import { deleteHome } from './home-namespace.ts';
import { letGo } from './let-go.ts';
import { settleStanding } from './standing-hooks.ts';

/**
 * Ends a deletion in the cluster, once everything else has succeeded: what stays is let go of, then inventory, the reference
 * to the last bundle, the history, the record, and a namespace that the application itself has made go, in this order. Whoever repeats it after a
 * crash goes on where it was: a record that is gone says that everything before it is done.
 *
 * No tombstone stays. Every activity of an older sync but the claim of its root checks sync ID and run against the record, and
 * neither is ever used again, so none of them can write once the record is gone, nor beside the record that a new sync
 * begins at epoch 1. A claim that comes so late could only write an empty record, which the next sync or deletion takes over.
 */
export async function finishDeletion(
  input: FinishInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<FinishAnswer> {
  const { request } = input.scope;
  const own = await deps.cluster(request.cluster);
  const cluster = await deps.cluster(request.cluster, request);
  const { deletion } = await loadPlan(deps, input.scope.plan, runtime.signal);
  const record = openRecord(own, request);
  if ((await record.read(runtime.signal)) === undefined) {
    return done(await deleteHome(cluster, deletion?.home, request, runtime));
  }
  const taken = await takeRecord({ request, rootRun: runtime.run, claimant: 'root', renews: true }, runtime, deps);
  if (taken.kind === 'failed') return taken;
  const scope = { ...input.scope, epoch: taken.record.epoch };
  const sync = await openSync(scope, runtime, deps);
  const settled = await settleStanding(sync, { ...input, scope }, deps);
  if (settled.kind === 'fenced' || !(await mayWrite(sync))) return { kind: 'fenced' };
  await deleteLateWrites(sync);
  const failures = await letGoOfAll(sync);
  if (failures.length > 0) return giveBack(sync, failures);
  if (!(await mayWrite(sync))) return { kind: 'fenced' };
  await removeInventory(own, request, runtime.signal);
  await removeHistory(own, deps.bundles, { ...request, temporal: deps.temporal.id }, runtime.signal);
  await releaseBundles(deps.bundles, request, runtime.signal);
  if (!(await record.remove((held) => holds(held, fenceOf(scope, runtime)), runtime.signal))) return { kind: 'fenced' };
  return done([...settled.warnings, ...(await deleteHome(cluster, deletion?.home, request, runtime))]);
}

function done(warnings: readonly string[]): FinishAnswer {
  return { kind: 'done', repaired: 0, warnings };
}

/**
 * Deletes what a late write of a predecessor has made again after its deletion. Throws while some of it is there, to be
 * asked again.
 */
async function deleteLateWrites({ cluster, own, plan, runtime, scope }: SyncContext): Promise<void> {
  const { released: stays = [], home } = plan.deletion ?? {};
  const spared = new Set([...stays, ...(home === undefined ? [] : [home])].map(refKey));
  const entries = (await readInventory(own, scope.request, runtime.signal)).filter((ref) => !spared.has(refKey(ref)));
  const live = await readLive(cluster, entries, runtime.signal);
  const left = entries.flatMap(({ uid: _, ...ref }) => {
    const object = live.get(ref);
    const own = object !== undefined && annotationsOf(object)[OWNER_ANNOTATION] === ownerOf(scope.request);
    return own ? [{ ref, object }] : [];
  });
  await mapConcurrently(left, CONCURRENCY, runtime.signal, async ({ ref, object }) => {
    if (isBeingDeleted(object)) return;
    await cluster
      .delete(ref, { uid: uidOf(object), propagation: 'Foreground' }, runtime.signal)
      .catch((error: unknown) => {
        if (!isApiError(error, 409)) throw error;
      });
  });
  const [first] = left;
  if (first === undefined) return;
  const object = describeRef(first.ref);
  throw failure('ClusterUnavailable', `${object} was made again during the deletion and is being deleted`, { object });
}

async function letGoOfAll(sync: SyncContext): Promise<readonly Failure[]> {
  const objects = sync.plan.deletion?.released ?? [];
  const answers = await mapConcurrently(objects, CONCURRENCY, sync.runtime.signal, (object) => letGo(sync, object));
  return answers.filter((answer) => answer !== undefined);
}

/** A deletion that can't be ended gives the record back, so that the next one can begin. */
async function giveBack(sync: SyncContext, failures: readonly Failure[]): Promise<FinishAnswer> {
  const fence = fenceOf(sync.scope, sync.runtime);
  await sync.record.update((held) => (holds(held, fence) ? released(held) : undefined), sync.runtime.signal);
  return { kind: 'failed', failures };
}
