import type { StoredApply, StoredSegment, StoredWave } from '../../core/sync/stored-plan.ts';
import { appliesOf, isLastWave, prunesOf, storedWave } from '../../core/sync/stored-plan.ts';
import { awaitedApplies, mayNeedTime } from '../../core/sync/compaction.ts';
import type { HealthAnswer, HealthInput } from '../../workflows/activities.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { SyncContext } from '../sync-context.ts';
import { desiredFor, mayWrite, openSync } from '../sync-context.ts';
import type { Subject } from './judgement.ts';
import { openStuckWorkloads } from './stuck-workloads.ts';
import { openViews } from './views.ts';
import { settled } from './vigil.ts';

/**
 * Waits until the resources of a wave are healthy and its pruned objects are gone, or until those resources are healthy that
 * the segment behind an `await` needs. Answers `failed` when a resource is
 * Degraded or has vanished, or when the wave's deadline (`deadlineMs` from when the activity was first scheduled, or a
 * step's own) has passed, or, where the sync has a grace period for that, when a pod of its newest revision has been stuck for as
 * long; what finished in time counts although it is seen later. Kinds with neither a health rule nor
 * conditions pass at once, as in Argo CD.
 */
export async function awaitHealthy(
  input: HealthInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<HealthAnswer> {
  const sync = await openSync(input.scope, runtime, deps);
  if (!(await mayWrite(sync))) return { kind: 'fenced' };
  const subjects = subjectsOf(sync, input);
  const last = input.segment === undefined && isLastWave(sync.plan, input.phase, input.wave);
  const views = await openViews(sync.cluster, subjects, runtime.signal);
  const stuck = await openStuckWorkloads(sync, subjects);
  try {
    const failures = await settled({ sync, subjects, views, stuck, last, deadlineMs: input.deadlineMs });
    if (failures.length > 0) return { kind: 'failed', failures };
  } finally {
    views.close();
    stuck.close();
  }
  // Whoever has claimed the record meanwhile may have changed what was found healthy.
  return (await mayWrite(sync)) ? { kind: 'healthy' } : { kind: 'fenced' };
}

function subjectsOf({ plan, bundle, scope, judge }: SyncContext, input: HealthInput): readonly Subject[] {
  const wave = storedWave(plan, input.phase, input.wave);
  if (wave === undefined) return [];
  const needed = input.segment === undefined ? undefined : wave.segments[input.segment];
  const applies = needed === undefined ? awaitedApplies(wave, judge.hasRule) : neededApplies(wave, needed, judge);
  return [
    ...(needed === undefined ? prunesOf(wave) : []).map((step): Subject => ({ kind: 'pruned', step })),
    ...applies.map((step): Subject => ({ kind: 'applied', step, desired: desiredFor(step, bundle, scope.request) })),
  ];
}

/** What others in the wave depend on is waited for, whatever becomes of the rest. */
function neededApplies(
  wave: StoredWave,
  segment: StoredSegment,
  { hasRule }: SyncContext['judge'],
): readonly StoredApply[] {
  const isNeeded = ({ id }: StoredApply) => segment.kind === 'await' && segment.steps.includes(id);
  return appliesOf(wave).filter((step) => isNeeded(step) && mayNeedTime(step, hasRule));
}
