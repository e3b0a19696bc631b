import { OWNER_ANNOTATION, ownerOf } from '../../core/markers.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { annotationsOf, refKey, uidOf } from '../../core/objects.ts';
import type { SyncRecord } from '../../core/record/record.ts';
import { applied, holds, released } from '../../core/record/transitions.ts';
import { applySteps, unselectedRefs } from '../../core/sync/stored-plan.ts';
import type { FinishAnswer, FinishInput } from '../../workflows/activities.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { HistoryEntry, SyncHistory } from '../../core/history/history.ts';
import type { RollbackTo } from '../../core/history/rollback.ts';
import { followsWithRollback } from '../../core/history/rollback.ts';
import { failureSentence, lastGood } from '../../core/history/history.ts';
import { keepInHistory } from '../history/sync-history.ts';
import { keepBundles } from '../record/application-bundles.ts';
import { finishDeletion } from './finish-deletion.ts';
import type { InventoryEntry } from '../inventory/inventory.ts';
import { readInventory, writeInventory } from '../inventory/inventory.ts';
import type { LiveObjects } from '../live-objects.ts';
import { readLive } from '../live-objects.ts';
import { fenceOf } from '../record/fence.ts';
import { takeRecord } from '../record/take-record.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { SyncContext } from '../sync-context.ts';
import { mayWrite, openSync } from '../sync-context.ts';
import { settleStanding } from './standing-hooks.ts';
import type { Verification } from './verification.ts';
import { verify } from './verification.ts';

/**
 * Ends a sync in the cluster: deletes the hooks whose deletion waited for the end, compares what was applied with what is
 * live once more and repairs it (`verify`), writes the inventory, and releases the record, also where a repair was refused
 * (answer `failed`), so that the next sync can begin.
 */
export async function finishSync(
  input: FinishInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<FinishAnswer> {
  const { request } = input.scope;
  // What a person has left out is still the application's, so its record stays.
  const isWhole = input.outcome === 'Succeeded' && (input.leftOut ?? []).length === 0;
  if (request.deletion !== undefined && isWhole) return finishDeletion(input, runtime, deps);
  // The root takes the record back from the last phase, so that nothing late of that phase is written after the comparison.
  const taken = await takeRecord({ request, rootRun: runtime.run, claimant: 'root', renews: true }, runtime, deps);
  if (taken.kind === 'failed') return taken;
  const scope = { ...input.scope, epoch: taken.record.epoch };
  const sync = await openSync(scope, runtime, deps);
  const settled = await settleStanding(sync, { ...input, scope }, deps);
  if (settled.kind === 'fenced') return settled;

  const known = await readInventory(sync.own, input.scope.request, runtime.signal);
  const owned = ownedRefs(sync, known);
  const live = await readLive(sync.cluster, owned, runtime.signal);
  const verified: Verification = input.verify ? await verify(sync, live, input.leftOut) : UNVERIFIED;
  if (verified.kind === 'fenced') return verified;

  const now = verified.repaired === 0 ? live : await readLive(sync.cluster, owned, runtime.signal);
  if (!(await mayWrite(sync))) return { kind: 'fenced' };
  await writeInventory(sync.own, input.scope.request, entriesOf(sync, known, now), runtime.signal);
  const history = await keepSync(sync, input, verified, deps);
  const record = await release(sync, input);
  if (record === undefined) return { kind: 'fenced' };
  await keepBundles(deps.bundles, request, record, runtime);
  const good = history === undefined ? undefined : rollbackOf(history, input);
  const rollback = good === undefined ? {} : { rollback: good };
  if (verified.failures.length > 0) return { kind: 'failed', failures: verified.failures, ...rollback };
  const warnings = [...settled.warnings, ...verified.warnings];
  return { kind: 'done', repaired: verified.repaired, warnings, ...rollback };
}

/** Keeps the sync in the history, before the record is released: a sync that comes next finds it there. */
async function keepSync(
  { own, scope: { request }, record, runtime }: SyncContext,
  { outcome, history }: FinishInput,
  { failures }: Extract<Verification, { kind: 'compared' }>,
  deps: ActivityDependencies,
): Promise<SyncHistory | undefined> {
  if (history === undefined || request.deletion !== undefined) return undefined;
  const { syncId, revision, bundle, requestedBy, rollback, createNamespace, options } = request;
  const entry: HistoryEntry = {
    ...{ syncId, revision, bundle, requestedBy },
    number: (await record.read(runtime.signal))?.number ?? 0,
    ...history,
    ...failureSentence(failures),
    finishedAt: runtime.now(),
    outcome: outcome === 'Succeeded' && failures.length > 0 ? 'Failed' : outcome,
    ...(rollback === undefined ? {} : { rollback }),
    request: { createNamespace, options },
  };
  return keepInHistory(own, deps.bundles, { ...request, temporal: deps.temporal.id }, entry, runtime.signal);
}

/** What a sync that failed after it had changed something is to be followed by, where it asks for that. */
function rollbackOf(history: SyncHistory, { scope: { request }, changed }: FinishInput): RollbackTo | undefined {
  const [latest] = history.entries;
  const fell = latest?.syncId === request.syncId && latest.outcome === 'Failed' && changed === true;
  if (!fell || !followsWithRollback(request)) return undefined;
  const good = lastGood(history, request);
  if (good === undefined) return undefined;
  const { syncId, number, bundle, revision, request: asked } = good;
  return { syncId, number, bundle, revision, request: asked };
}

const UNVERIFIED: Verification = { kind: 'compared', repaired: 0, warnings: [], failures: [] };

/** What the inventory may hold: what the bundle has, and what it knew before. */
function ownedRefs(sync: SyncContext, known: readonly InventoryEntry[]): readonly ObjectRef[] {
  const applied = applySteps(sync.plan);
  const keys = new Set(applied.map(refKey));
  return [...applied, ...known.filter((entry) => !keys.has(refKey(entry)))];
}

/**
 * The inventory: everything the sync applied, with the UIDs of what is live, and of the rest what is still there and still
 * ours. What was to be applied stays in even where it was not, since a late write may yet make it, and what the bundle has but
 * was not selected stays as it was known.
 */
function entriesOf(
  sync: SyncContext,
  inventory: readonly InventoryEntry[],
  live: LiveObjects,
): readonly InventoryEntry[] {
  const planned = new Set(applySteps(sync.plan).map(refKey));
  const unselected = new Set(unselectedRefs(sync.plan).map(refKey));
  const unread = new Set(live.refused.map(({ ref }) => refKey(ref)));
  const before = new Map(inventory.map((entry) => [refKey(entry), entry]));
  return ownedRefs(sync, inventory).flatMap((ref): InventoryEntry[] => {
    const { apiVersion, kind, namespace, name } = ref;
    const entry = { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
    const known = before.get(refKey(ref));
    if (known !== undefined && unselected.has(refKey(ref))) return [known];
    const object = live.get(ref);
    if (object !== undefined && annotationsOf(object)[OWNER_ANNOTATION] === ownerOf(sync.scope.request)) {
      return [{ ...entry, uid: uidOf(object) }];
    }
    if (unread.has(refKey(ref))) return [known ?? entry];
    return planned.has(refKey(ref)) ? [entry] : [];
  });
}

/** Releases the record, which names the bundle from then on that was applied; undefined where it is in other hands by now. */
async function release(
  { record, scope, runtime }: SyncContext,
  { outcome, changed = true }: FinishInput,
): Promise<SyncRecord | undefined> {
  const fence = fenceOf(scope, runtime);
  const end = (held: SyncRecord) => released(changed || outcome === 'Succeeded' ? applied(held) : held);
  return record.update((held) => (holds(held, fence) ? end(held) : undefined), runtime.signal);
}
