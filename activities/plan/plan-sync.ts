import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import { compactPlan } from '../../core/sync/compaction.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { StoredPlan } from '../../core/sync/stored-plan.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { PlanAnswer } from '../../workflows/activities.ts';
import { loadBundle } from '../bundle-cache.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { checkedPlan } from './checked-plan.ts';

/**
 * Turns a request into a plan and checks everything that can be checked before anything is changed: annotations, kinds,
 * namespaces, ownership, prunes, and by the API server's dry run every object that differs from what is live. Answers the
 * plan in its compact form, the full one being stored and referred to, or all failures at once. Reads only.
 */
export async function planSync(
  request: SyncRequest,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<PlanAnswer> {
  const cluster = await deps.cluster(request.cluster);
  const bundle = await loadBundle(deps, request.bundle, runtime.signal);
  const outcome = await checkedPlan({ request, runtime, cluster, bundle });
  if (outcome.kind === 'failed') return outcome;
  return { kind: 'planned', plan: await store(request, outcome.plan, cluster, runtime.signal, deps) };
}

/** Stores a plan and refers to it and its bundle for as long as the sync may need them. */
async function store(
  request: SyncRequest,
  plan: StoredPlan,
  { server, context }: Cluster,
  signal: AbortSignal,
  deps: ActivityDependencies,
): Promise<CompactPlan> {
  const digest = await deps.bundles.put(new TextEncoder().encode(JSON.stringify(plan)), signal);
  const name = `sync/${request.cluster}/${request.application}/${request.syncId}`;
  await deps.bundles.refer(name, [request.bundle, digest], signal);
  return compactPlan(plan, digest, { server, ...(context === undefined ? {} : { context }) });
}
