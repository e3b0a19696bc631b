import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import { compactPlan } from '../../core/sync/compaction.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { StoredPlan } from '../../core/sync/stored-plan.ts';
import type { PlanAnswer } from '../../workflows/activities.ts';
import { loadBundle } from '../bundle-cache.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { judgeFor } from '../health/judge.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { Planning } from './planning.ts';
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
  const judge = await judgeFor(deps, cluster, runtime.signal);
  const planning = { request, runtime, cluster, bundle, judge };
  const outcome = await checkedPlan(planning);
  if (outcome.kind === 'failed') return outcome;
  return { kind: 'planned', plan: await store(planning, outcome.plan, deps) };
}

/** Stores a plan and refers to it and its bundle for as long as the sync may need them. */
async function store(
  { request, runtime, cluster, judge }: Planning,
  plan: StoredPlan,
  deps: ActivityDependencies,
): Promise<CompactPlan> {
  const { signal } = runtime;
  const { server, context } = cluster;
  const digest = await deps.bundles.put(new TextEncoder().encode(JSON.stringify(plan)), signal);
  const name = `sync/${request.cluster}/${request.application}/${request.syncId}`;
  await deps.bundles.refer(name, [request.bundle, digest], signal);
  const destination = { server, ...(context === undefined ? {} : { context }) };
  return compactPlan(plan, { digest, destination, hasRule: judge.hasRule });
}
