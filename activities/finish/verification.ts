import type { Failure } from '../../core/failures.ts';
import { PLAIN_APPLY } from '../../core/apply/write-mode.ts';
import { listed } from '../../core/listed.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, resourceVersionOf } from '../../core/objects.ts';
import type { StoredApply } from '../../core/sync/stored-plan.ts';
import { applySteps } from '../../core/sync/stored-plan.ts';
import type { FinishInput } from '../../workflows/activities.ts';
import { CONCURRENCY, filtered, mapConcurrently } from '../concurrency.ts';
import type { LiveObjects } from '../live-objects.ts';
import type { SyncContext } from '../sync-context.ts';
import { writeObject } from '../apply/write-object.ts';
import { desiredFor, failureIn, isAsWanted, mayWrite, writingOf } from '../sync-context.ts';

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
  | { readonly kind: 'repaired'; readonly step: StoredApply }
  /** The write changed nothing: the live object was as it should be, in the server's own way of saying it. */
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'fenced' };

/**
 * Compares what a sync applied with what is live, and applies again what differs: a late write of a predecessor is
 * repaired, not hidden. A field that another manager has taken over since the apply (an autoscaler, say) is a warning,
 * since it did so by the rules of server-side apply. Waves that were left out are not applied by the back door.
 */
export async function verify(
  sync: SyncContext,
  live: LiveObjects,
  leftOut: FinishInput['leftOut'] = [],
): Promise<Verification> {
  const { plan, runtime } = sync;
  const isLeftOut = (step: StoredApply) =>
    leftOut.some(({ phase, wave }) => step.phase === phase && step.wave === wave);
  // What is made once in a sync and is gone by now may be a Job that has run and was removed for its age.
  const compared = applySteps(plan).filter((step) => !isLeftOut(step) && step.write?.kind !== 'recreate');
  const differing = await filtered(compared, async (step) => {
    const object = live.get(step);
    return object === undefined || !(await isAsWanted(sync, step, object));
  });
  if (differing.length > 0 && !(await mayWrite(sync))) return { kind: 'fenced' };
  const repairs = await mapConcurrently(differing, CONCURRENCY, runtime.signal, (step) =>
    repair(sync, step, live.get(step)),
  );
  if (repairs.some((answer) => answer.kind === 'fenced')) return { kind: 'fenced' };
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

async function repair(sync: SyncContext, step: StoredApply, live: KubernetesObject | undefined): Promise<Repair> {
  const { bundle, scope } = sync;
  try {
    const desired = desiredFor(step, bundle, scope.request);
    const written = await writeObject(writingOf(sync), desired, step.write ?? PLAIN_APPLY);
    if (written.kind === 'fenced') return written;
    const isSame = live !== undefined && resourceVersionOf(live) === resourceVersionOf(written.object);
    return isSame ? { kind: 'same' } : { kind: 'repaired', step };
  } catch (error) {
    const failure = failureIn(bundle, error, step, step.manifest);
    if (failure === undefined) throw error;
    return { kind: 'refused', failure };
  }
}
