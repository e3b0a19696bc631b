import { planReference } from '../../core/retention/references.ts';
import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import type { CompactFacts } from '../../core/sync/compaction.ts';
import { compactPlan } from '../../core/sync/compaction.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { Failed, PlanAnswer } from '../../workflows/activities.ts';
import { loadBundle, loadPlan } from '../bundle-cache.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { judgeFor } from '../health/judge.ts';
import { openIgnoredFields } from '../ignored-fields.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { CheckedPlan } from './checked-plan.ts';
import { checkedPlan } from './checked-plan.ts';
import { checkWindows } from './window-check.ts';
import type { DeletionGround } from './deletion-plan.ts';
import { checkedDeletion } from './deletion-plan.ts';
import { refuseLateRollback } from './rollback-turn.ts';

/**
 * Turns a request, for a sync or a deletion, into a plan and checks all that can be checked before anything is changed: annotations, kinds,
 * namespaces, ownership, prunes, and by the API server's dry run every object that differs from what is live. Answers the
 * plan in its compact form, the full one being stored and referred to, or all failures at once. Reads only. A request that
 * resumes a sync is answered with the plan it had.
 */
export async function planSync(
  request: SyncRequest,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<PlanAnswer> {
  const { signal } = runtime;
  const windows = await checkWindows(request, runtime, deps);
  if (windows.kind === 'failed') return windows;
  const own = await deps.cluster(request.cluster);
  const cluster = await deps.cluster(request.cluster, request);
  const judge = await judgeFor(deps, { cluster, own }, signal);
  const facts = { destination: destinationOf(cluster), hasRule: judge.hasRule };
  if (request.resume !== undefined) {
    // What was validated then is executed exactly, and kept again: its time may have been over.
    const { plan: digest } = request.resume;
    const plan = await loadPlan(deps, digest, signal);
    await deps.bundles.refer(planReference(request, digest), [plan.bundle, digest], signal);
    return { kind: 'planned', plan: compactPlan(plan, { ...facts, digest }) };
  }
  await refuseLateRollback(own, request, signal);
  const outcome = await planFor(request, { cluster, own, runtime, deps, judge });
  if (outcome.kind === 'failed') return outcome;
  const plan = await store(request, outcome, facts, signal, deps);
  if (windows.kind === 'open') return { kind: 'planned', plan };
  return { kind: 'planned', plan: { ...plan, warnings: [...plan.warnings, windows.warning] } };
}

async function planFor(request: SyncRequest, ground: DeletionGround): Promise<CheckedPlan> {
  if (request.deletion !== undefined) return checkedDeletion(request, request.deletion, ground);
  const { deps, ...on } = ground;
  const bundle = await loadBundle(deps, request.bundle, ground.runtime.signal);
  return checkedPlan({ request, bundle, ignored: openIgnoredFields(request, deps.paths), ...on });
}

function destinationOf({ server, context }: Cluster): CompactFacts['destination'] {
  return { server, ...(context === undefined ? {} : { context }) };
}

/** Stores a plan, and what a dry run would change, and refers to them and the bundle for as long as the sync may need them. */
async function store(
  request: SyncRequest,
  { plan, diff }: Exclude<CheckedPlan, Failed>,
  facts: Omit<CompactFacts, 'digest'>,
  signal: AbortSignal,
  { bundles }: ActivityDependencies,
): Promise<CompactPlan> {
  const put = (document: unknown) => bundles.put(new TextEncoder().encode(JSON.stringify(document)), signal);
  const digest = await put(plan);
  const summary = diff === undefined ? undefined : { digest: await put(diff), counts: diff.counts };
  const digests = [plan.bundle, digest, ...(summary === undefined ? [] : [summary.digest])];
  await bundles.refer(planReference(request, digest), digests, signal);
  const compact = compactPlan(plan, { ...facts, digest });
  return summary === undefined ? compact : { ...compact, diff: summary };
}
