import { SynclineError } from '../../core/failures.ts';
import { released } from '../../core/record/transitions.ts';
import { applySteps, hookSteps } from '../../core/sync/stored-plan.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { ClaimAnswer, ClaimInput } from '../../workflows/activities.ts';
import { loadBundle, loadPlan } from '../bundle-cache.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { announceInventory } from '../inventory/inventory.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { ensureNamespace, keepNamespaceMetadata } from './namespace.ts';
import { sweepApplication } from './sweep.ts';
import { openRecord } from './record-store.ts';
import { takeRecord } from './take-record.ts';

/**
 * Raises the record's epoch for the calling workflow's run. For a root it also makes sure of the namespace, announces what
 * the application is about to own, and removes hooks that an older sync created and never released.
 */
export async function claimRecord(
  input: ClaimInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<ClaimAnswer> {
  const { request } = input;
  const cluster = await deps.cluster(request.cluster);
  if (input.claimant === 'root') {
    await ensureNamespace({
      cluster,
      request,
      bundle: await loadBundle(deps, request.bundle, runtime.signal),
      runtime,
    });
  }
  const claimed = await takeRecord(input, runtime, deps);
  if (claimed.kind === 'failed') return claimed;
  const { epoch, number } = claimed.record;
  if (input.claimant === 'root') await prepareOrRelease(cluster, epoch, input, runtime, deps);
  return { kind: 'claimed', epoch, number };
}

/** A claim that the user must mend something for is given back: a refused sync does not hold the record. */
async function prepareOrRelease(
  cluster: Cluster,
  epoch: number,
  input: ClaimInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<void> {
  try {
    await prepareApplication(cluster, input, runtime, deps);
  } catch (error) {
    if (error instanceof SynclineError) {
      const store = openRecord(cluster, input.request);
      await store.update((record) => (record?.epoch === epoch ? released(record) : undefined), runtime.signal);
    }
    throw error;
  }
}

async function prepareApplication(
  cluster: Cluster,
  input: ClaimInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<void> {
  const { request } = input;
  const plan = await loadPlan(deps, input.plan, runtime.signal);
  await keepNamespaceMetadata({
    cluster,
    request,
    bundle: await loadBundle(deps, request.bundle, runtime.signal),
    runtime,
  });
  await announceInventory(cluster, input.request, applySteps(plan), runtime.signal);
  const hookNamespaces = hookSteps(plan).flatMap((step) => (step.namespace === undefined ? [] : [step.namespace]));
  const namespaces = [...new Set([input.request.namespace, ...hookNamespaces])];
  await sweepApplication(cluster, input.request, namespaces, runtime.signal);
}
