import { SynclineError, failure } from '../../core/failures.ts';
import { stringAt } from '../../core/json.ts';
import { released } from '../../core/record/transitions.ts';
import { applySteps, hookSteps } from '../../core/sync/stored-plan.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { ClaimAnswer, ClaimInput } from '../../workflows/activities.ts';
import { loadBundle, loadPlan } from '../bundle-cache.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { announceInventory } from '../inventory/inventory.ts';
import type { ActivityRuntime } from '../runtime.ts';
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
  if (input.claimant === 'root') await ensureNamespace(cluster, input, runtime, deps);
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
  const plan = await loadPlan(deps, input.plan, runtime.signal);
  await announceInventory(cluster, input.request, applySteps(plan), runtime.signal);
  const hookNamespaces = hookSteps(plan).flatMap((step) => (step.namespace === undefined ? [] : [step.namespace]));
  const namespaces = [...new Set([input.request.namespace, ...hookNamespaces])];
  await sweepApplication(cluster, input.request, namespaces, runtime.signal);
}

/** The record's namespace must exist before anything else: created when asked to, or taken from the bundle as its author wrote it. */
async function ensureNamespace(
  cluster: Cluster,
  input: ClaimInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<void> {
  const { request } = input;
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: request.namespace };
  if ((await cluster.get(ref, runtime.signal)) !== undefined) return;
  const { manifests } = await loadBundle(deps, request.bundle, runtime.signal);
  const written = manifests.find(
    ({ object }) => object['kind'] === 'Namespace' && stringAt(object, 'metadata', 'name') === request.namespace,
  );
  if (written === undefined && !request.createNamespace) throw missingNamespace(request);
  const object = written?.object ?? { apiVersion: 'v1', kind: 'Namespace', metadata: { name: request.namespace } };
  try {
    await cluster.create(object, {}, runtime.signal);
  } catch (error) {
    if (!isApiError(error, 409)) throw error;
  }
}

function missingNamespace(request: SyncRequest) {
  return failure('NamespaceNotFound', `namespace ${request.namespace} does not exist in cluster ${request.cluster}`, {
    object: `Namespace ${request.namespace}`,
    remedy: 'create it, name another with -n, or use --create-namespace',
  });
}
