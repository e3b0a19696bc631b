import type { SynclineClient } from '../syncline-client.ts';
import type { DeletionOrder } from './request.ts';
import type { SyncPlan } from '../../core/plan/plan.ts';
import { refuse } from '../../core/plan/offline-plan.ts';

/**
 * The plan of a deletion as it would be carried out now: a worker makes it, since it follows from what the application owns, and
 * changes nothing. Throws a `SynclineError` with everything that speaks against it.
 */
export async function deletionPlanOf(
  client: Pick<SynclineClient, 'delete'>,
  order: DeletionOrder,
  signal: AbortSignal,
): Promise<SyncPlan> {
  const handle = await client.delete({ ...order, options: { ...order.options, dryRun: true } }, { signal });
  const { failures, outcome } = await handle.result({ signal });
  if (outcome !== 'Succeeded') refuse(failures);
  return handle.plan({ signal });
}
