import { SynclineError } from '../../core/failures.ts';
import type { SyncRecord } from '../../core/record/record.ts';
import { released } from '../../core/record/transitions.ts';
import { applySteps, hookSteps } from '../../core/sync/stored-plan.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { ClaimAnswer, ClaimInput, Failed } from '../../workflows/activities.ts';
import { loadBundle, loadPlan } from '../bundle-cache.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { announceInventory, readInventory } from '../inventory/inventory.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { ensureNamespace, keepNamespaceMetadata } from './namespace.ts';
import { sweepApplication } from './sweep.ts';
import { openRecord } from './record-store.ts';
import { keepBundles } from './application-bundles.ts';
import type { Taken } from './take-record.ts';
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
  const own = await deps.cluster(input.request.cluster);
  if (input.claimant === 'phase') return answerOf(await takeRecord(input, runtime, deps));
  const refused = await prepareHome(own, input, runtime, deps);
  if (refused !== undefined) return refused;
  const plan = await loadPlan(deps, input.plan, runtime.signal);
  const operation = input.request.deletion === undefined ? 'sync' : 'delete';
  const taken = await takeRecord({ ...input, work: { operation, bundle: plan.bundle } }, runtime, deps);
  if (taken.kind === 'taken') await prepareOrRelease(own, taken.record, input, runtime, deps);
  return answerOf(taken);
}

function answerOf(taken: Taken): ClaimAnswer {
  if (taken.kind === 'failed') return taken;
  const { epoch, number } = taken.record;
  return { kind: 'claimed', epoch, number };
}

/**
 * Makes sure of the place of the record: a sync's is created where it may be. A deletion makes none: where neither record nor
 * inventory is left another attempt has been here, and the application is gone.
 */
async function prepareHome(
  own: Cluster,
  input: ClaimInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<Failed | undefined> {
  const { request } = input;
  if (request.deletion === undefined) {
    const bundle = await loadBundle(deps, request.bundle, runtime.signal);
    const cluster = await deps.cluster(request.cluster, request);
    await ensureNamespace({ cluster, own, request, bundle, runtime });
    return undefined;
  }
  const record = await openRecord(own, request).read(runtime.signal);
  const isThere = record !== undefined || (await readInventory(own, request, runtime.signal)).length > 0;
  const message = `application ${request.application} is gone: somebody else has deleted it`;
  return isThere ? undefined : { kind: 'failed', failures: [{ type: 'Superseded', message }] };
}

/** A claim that the user must mend something for is given back: a refused sync does not hold the record. */
async function prepareOrRelease(
  own: Cluster,
  claimed: SyncRecord,
  input: ClaimInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<void> {
  try {
    await prepareApplication(own, claimed, input, runtime, deps);
  } catch (error) {
    if (error instanceof SynclineError) {
      const store = openRecord(own, input.request);
      await store.update((record) => (record?.epoch === claimed.epoch ? released(record) : undefined), runtime.signal);
    }
    throw error;
  }
}

async function prepareApplication(
  own: Cluster,
  claimed: SyncRecord,
  input: ClaimInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<void> {
  const { request } = input;
  const plan = await loadPlan(deps, input.plan, runtime.signal);
  await keepBundles(deps.bundles, request, claimed, runtime);
  if (request.deletion === undefined) {
    const bundle = await loadBundle(deps, request.bundle, runtime.signal);
    const cluster = await deps.cluster(request.cluster, request);
    await keepNamespaceMetadata({ cluster, own, request, bundle, runtime });
    await announceInventory(own, request, applySteps(plan), runtime.signal);
  }
  const hookNamespaces = hookSteps(plan).flatMap((step) => (step.namespace === undefined ? [] : [step.namespace]));
  const namespaces = [...new Set([input.request.namespace, ...hookNamespaces])];
  await sweepApplication(own, input.request, namespaces, runtime.signal);
}
