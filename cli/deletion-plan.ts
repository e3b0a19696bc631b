import type { SynclineClient } from '../client/client.ts';
import type { DeletionOrder } from '../client/request.ts';
import type { PlanStep, SyncPlan } from '../core/plan/plan.ts';
import type { StoredPlan } from '../core/sync/stored-plan.ts';
import { refuse } from './manifests.ts';

/**
 * The plan of a deletion as it would be carried out now: a worker makes it, since it follows from what the application owns, and
 * changes nothing. Throws a `SynclineError` with everything that speaks against it.
 */
export async function deletionPlanOf(
  client: SynclineClient,
  order: DeletionOrder,
  signal: AbortSignal,
): Promise<SyncPlan> {
  const handle = await client.delete({ ...order, options: { ...order.options, dryRun: true } }, { signal });
  const { failures, outcome } = await handle.result({ signal });
  if (outcome !== 'Succeeded') refuse(failures);
  return planOf(await handle.plan({ signal }));
}

/** A stored plan of deletions and hooks as a plan that can be shown. */
function planOf({ phases, skipped, warnings }: StoredPlan): SyncPlan {
  return {
    version: 1,
    phases: phases.map(({ phase, waves }) => ({
      phase,
      waves: waves.map(({ wave, segments }) => ({
        wave,
        steps: segments.flatMap((segment): readonly PlanStep[] =>
          segment.kind === 'prune' || segment.kind === 'hooks' ? segment.steps : [],
        ),
      })),
    })),
    skipped,
    warnings,
  };
}
