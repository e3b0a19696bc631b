import { formatFailure } from '../../core/failures.ts';
import { OWNER_ANNOTATION, ownerOf } from '../../core/markers.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { annotationsOf, refKey, uidOf } from '../../core/objects.ts';
import { holds, released } from '../../core/record/transitions.ts';
import { applySteps, hookStep, unselectedRefs } from '../../core/sync/stored-plan.ts';
import type { FinishAnswer, FinishInput } from '../../workflows/activities.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { settleHooks } from '../hooks/settle-hooks.ts';
import type { InventoryEntry } from '../inventory/inventory.ts';
import { readInventory, writeInventory } from '../inventory/inventory.ts';
import type { LiveObjects } from '../live-objects.ts';
import { readLive } from '../live-objects.ts';
import { fenceOf } from '../record/fence.ts';
import { takeRecord } from '../record/take-record.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { SyncContext } from '../sync-context.ts';
import { failureIn, mayWrite, openSync } from '../sync-context.ts';
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
  // The root takes the record back from the last phase, so that nothing late of that phase is written after the comparison.
  const taken = await takeRecord({ request, rootRun: runtime.run, claimant: 'root', renews: true }, runtime, deps);
  if (taken.kind === 'failed') return taken;
  const scope = { ...input.scope, epoch: taken.record.epoch };
  const sync = await openSync(scope, runtime, deps);
  const settled = await settleStanding(sync, { ...input, scope }, deps);
  if (settled.kind === 'fenced') return settled;

  const known = await readInventory(sync.cluster, input.scope.request, runtime.signal);
  const owned = ownedRefs(sync, known);
  const live = await readLive(sync.cluster, owned, runtime.signal);
  const verified: Verification = input.verify ? await verify(sync, live, input.leftOut) : UNVERIFIED;
  if (verified.kind === 'fenced') return verified;

  const now = verified.repaired === 0 ? live : await readLive(sync.cluster, owned, runtime.signal);
  if (!(await mayWrite(sync))) return { kind: 'fenced' };
  await writeInventory(sync.cluster, input.scope.request, entriesOf(sync, known, now), runtime.signal);
  if (!(await release(sync))) return { kind: 'fenced' };
  if (verified.failures.length > 0) return { kind: 'failed', failures: verified.failures };
  const warnings = [...settled.warnings, ...verified.warnings];
  return { kind: 'done', repaired: verified.repaired, warnings };
}

const UNVERIFIED: Verification = { kind: 'compared', repaired: 0, warnings: [], failures: [] };

type Standing = { readonly kind: 'settled'; readonly warnings: readonly string[] } | { readonly kind: 'fenced' };

/**
 * Deletes hooks that stood until now, by their policies and what the ledger says became of them. One that can't be deleted
 * is a warning: it must not keep the record from being released.
 */
async function settleStanding(
  sync: SyncContext,
  { scope, hooks }: FinishInput,
  deps: ActivityDependencies,
): Promise<Standing> {
  const warnings: string[] = [];
  for (const hook of hooks) {
    const phase = hookStep(sync.plan, hook.id)?.phase;
    if (phase === undefined) continue;
    try {
      const answer = await settleHooks({ scope, phase, hooks: [hook] }, sync.runtime, deps);
      if (answer.kind === 'fenced') return answer;
      warnings.push(...(answer.kind === 'done' ? answer.warnings : answer.failures.map(formatFailure)));
    } catch (error) {
      const failure = failureIn(sync.bundle, error, hook.ref);
      if (failure === undefined) throw error;
      warnings.push(formatFailure(failure));
    }
  }
  return { kind: 'settled', warnings };
}

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

/** Releases the record; false where it is in other hands by now. */
async function release({ record, scope, runtime }: SyncContext): Promise<boolean> {
  const fence = fenceOf(scope, runtime);
  const written = await record.update((held) => (holds(held, fence) ? released(held) : undefined), runtime.signal);
  return written !== undefined;
}
