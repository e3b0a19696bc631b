import type { ObjectRef } from '../../core/objects.ts';
import type { SyncPlan } from '../../core/plan/plan.ts';
import type { StoredPlan } from '../../core/sync/stored-plan.ts';
import { planOfStored } from '../../core/sync/stored-plan.ts';
import type { SyncStatus } from '../../core/sync/status.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { Connections } from '../connection/connections.ts';
import { NotFound } from '../errors.ts';
import { hooksOf } from './hook-selection.ts';
import type { HookRow, ResourceRow } from './resource-rows.ts';
import { hookRow, resourceRows } from './resource-rows.ts';

/** The plan that a sync executes. Throws `InvalidRequest` where it has none. */
export async function planOfSync(connections: Connections, status: SyncStatus, signal: AbortSignal): Promise<SyncPlan> {
  return planOfStored(await storedPlan(connections, status, signal));
}

async function storedPlan({ bundles }: Connections, status: SyncStatus, signal: AbortSignal): Promise<StoredPlan> {
  if (status.plan === undefined) {
    throw new NotFound(`the sync of ${status.application} has no plan${status.state === 'planning' ? ' yet' : ''}`, {
      remedy: `see \`syncline status ${status.application}\``,
    });
  }
  return JSON.parse(new TextDecoder().decode(await bundles().get(status.plan, signal))) as StoredPlan;
}

/** The resources of a sync with their states. Throws `InvalidRequest` where it has no plan. */
export async function resourcesOfSync(
  connections: Connections,
  status: SyncStatus,
  signal: AbortSignal,
): Promise<readonly ResourceRow[]> {
  return resourceRows(await storedPlan(connections, status, signal), status);
}

/** The hooks of a sync; what became of their objects is told where the cluster can be read from here. */
export async function hooksOfSync(
  { clusters }: Connections,
  status: SyncStatus,
  signal: AbortSignal,
): Promise<readonly HookRow[]> {
  const cluster = await clusters.of(status.cluster);
  return Promise.all(hooksOf(status).map((placed) => hookRow(placed, (ref) => present(cluster, ref, signal))));
}

/** Whether an object exists; undefined where the cluster can't be asked. */
async function present(
  cluster: Cluster | undefined,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    return cluster === undefined ? undefined : (await cluster.get(ref, signal)) !== undefined;
  } catch {
    return undefined;
  }
}
