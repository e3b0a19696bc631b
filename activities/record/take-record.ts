import { holderOf } from '../../core/markers.ts';
import type { Failure } from '../../core/failures.ts';
import type { SyncRecord } from '../../core/record/record.ts';
import type { Claim } from '../../core/record/transitions.ts';
import { decideClaim } from '../../core/record/transitions.ts';
import type { ClaimInput, Failed } from '../../workflows/activities.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { openRecord } from './record-store.ts';

/** The record in the calling workflow's hands, or why it is not. */
export type Taken = { readonly kind: 'taken'; readonly record: SyncRecord } | Failed;

/** Raises the record's epoch for the calling workflow's run, by compare-and-swap. `work` says what a root is about to do. */
export async function takeRecord(
  input: Pick<ClaimInput, 'request' | 'rootRun' | 'claimant' | 'renews'> & Pick<Claim, 'work'>,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<Taken> {
  const { request, rootRun, claimant, renews = false, work } = input;
  const claim: Claim = {
    application: request.application,
    claimant,
    renews,
    at: runtime.attemptScheduledAt,
    takeOver: request.options.takeOver,
    ...(work === undefined ? {} : { work }),
    holder: {
      syncId: request.syncId,
      temporal: holderOf(deps.temporal.id, request.cluster, request.application),
      temporalName: deps.temporal.name,
      rootRun,
      run: runtime.run,
    },
  };
  let refusals: readonly Failure[] = [];
  const cluster = await deps.cluster(request.cluster);
  const record = await openRecord(cluster, request).update((known) => {
    const decision = decideClaim(known, claim);
    refusals = decision.kind === 'refused' ? [decision.failure] : [];
    return decision.kind === 'granted' ? decision.record : undefined;
  }, runtime.signal);
  return record === undefined ? { kind: 'failed', failures: refusals } : { kind: 'taken', record };
}
