import type { Failure } from '../../core/failures.ts';
import { isBeingDeleted } from '../../core/health/rules.ts';
import { appliedUnchanged } from '../../core/managed-fields/ownership.ts';
import { fieldManagerOf } from '../../core/markers.ts';
import { describeRef } from '../../core/objects.ts';
import type { StoredApply } from '../../core/sync/stored-plan.ts';
import { applySteps } from '../../core/sync/stored-plan.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import type { LiveObjects } from '../live-objects.ts';
import { listed } from '../plan/planning.ts';
import type { SyncContext } from '../sync-context.ts';
import { applyObject } from '../apply/apply-object.ts';
import { desiredFor, failureIn, mayWrite } from '../sync-context.ts';

/** What the last comparison came to. */
export type Verification =
  | {
      readonly kind: 'compared';
      readonly repaired: number;
      readonly warnings: readonly string[];
      readonly failures: readonly Failure[];
    }
  | { readonly kind: 'fenced' };

type Repair =
  { readonly kind: 'repaired'; readonly step: StoredApply } | { readonly kind: 'refused'; readonly failure: Failure };

/**
 * Compares what a sync applied with what is live, and applies again what differs: a late write of a predecessor is
 * repaired, not hidden. A field that another manager has taken over since the apply (an autoscaler, say) is a warning,
 * since it did so by the rules of server-side apply.
 */
export async function verify(sync: SyncContext, live: LiveObjects): Promise<Verification> {
  const { bundle, plan, runtime, scope } = sync;
  const manager = fieldManagerOf(scope.request.application);
  const differing = applySteps(plan).filter((step) => {
    const object = live.get(step);
    if (object === undefined || isBeingDeleted(object)) return true;
    return !appliedUnchanged(desiredFor(step, bundle, scope.request), object, manager);
  });
  if (differing.length > 0 && !(await mayWrite(sync))) return { kind: 'fenced' };
  const repairs = await mapConcurrently(differing, CONCURRENCY, runtime.signal, (step) => repair(sync, step));
  const refused = repairs.flatMap((answer) => (answer.kind === 'refused' ? [answer.failure] : []));
  const repaired = repairs.flatMap((answer) => (answer.kind === 'repaired' ? [describeRef(answer.step)] : []));
  const taken = refused.filter(({ type }) => type === 'FieldConflict');
  return {
    kind: 'compared',
    repaired: repaired.length,
    failures: refused.filter(({ type }) => type !== 'FieldConflict'),
    warnings: [
      ...(repaired.length === 0
        ? []
        : [`Changed by somebody else during the sync and applied again: ${listed(repaired)}.`]),
      ...taken.map(
        ({ object, message }) =>
          `Changed by another manager during the sync and left so: ${object ?? ''} (${message}).`,
      ),
    ],
  };
}

async function repair({ cluster, bundle, scope, runtime }: SyncContext, step: StoredApply): Promise<Repair> {
  try {
    await applyObject(cluster, desiredFor(step, bundle, scope.request), scope.request, runtime.signal);
    return { kind: 'repaired', step };
  } catch (error) {
    const failure = failureIn(bundle, error, step, step.manifest);
    if (failure === undefined) throw error;
    return { kind: 'refused', failure };
  }
}
