import { referenceOfSync } from '../../core/markers.ts';
import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import { compactPlan } from '../../core/sync/compaction.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Failed, PlanAnswer } from '../../workflows/activities.ts';
import { loadBundle } from '../bundle-cache.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { judgeFor } from '../health/judge.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { Planning } from './planning.ts';
import type { CheckedPlan } from './checked-plan.ts';
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
  return { kind: 'planned', plan: await store(planning, outcome, deps) };
}

/** Stores a plan, and what a dry run would change, and refers to them and the bundle for as long as the sync may need them. */
async function store(
  { request, runtime, cluster, judge }: Planning,
  { plan, diff }: Exclude<CheckedPlan, Failed>,
  { bundles }: ActivityDependencies,
): Promise<CompactPlan> {
  const { signal } = runtime;
  const { server, context } = cluster;
  const put = (document: unknown) => bundles.put(new TextEncoder().encode(JSON.stringify(document)), signal);
  const digest = await put(plan);
  const summary = diff === undefined ? undefined : { digest: await put(diff), counts: diff.counts };
  const digests = [request.bundle, digest, ...(summary === undefined ? [] : [summary.digest])];
  await bundles.refer(referenceOfSync(request), digests, signal);
  const destination = { server, ...(context === undefined ? {} : { context }) };
  const compact = compactPlan(plan, { digest, destination, hasRule: judge.hasRule });
  return summary === undefined ? compact : { ...compact, diff: summary };
}
