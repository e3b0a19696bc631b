import { applySegment } from '../../../activities/apply/apply-segment.ts';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { finishSync } from '../../../activities/finish/finish-sync.ts';
import { awaitHealthy } from '../../../activities/health/await-healthy.ts';
import { runHook, startHook } from '../../../activities/hooks/run-hook.ts';
import { settleHooks } from '../../../activities/hooks/settle-hooks.ts';
import { stopHooks } from '../../../activities/hooks/stop-hooks.ts';
import { planSync } from '../../../activities/plan/plan-sync.ts';
import { claimRecord } from '../../../activities/record/claim-record.ts';
import type { ActivityRuntime } from '../../../activities/runtime.ts';
import { answerOrThrow } from '../../../worker/activity-errors.ts';
import type { SyncActivities } from '../../../workflows/activities.ts';

type Body<Name extends keyof SyncActivities> = (
  input: Parameters<SyncActivities[Name]>[0],
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
) => ReturnType<SyncActivities[Name]>;

/** The activities as they are. */
const BODIES: { readonly [Name in keyof SyncActivities]: Body<Name> } = {
  planSync,
  claimRecord,
  applySegment,
  startHook,
  runHook,
  awaitHealthy,
  settleHooks,
  stopHooks,
  finishSync,
};

/** Performs an activity as a worker does: what it throws becomes what Temporal is told. */
export async function performActivity(
  type: string,
  input: unknown,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<unknown> {
  const body = BODIES[type as keyof SyncActivities] as (
    input: unknown,
    runtime: ActivityRuntime,
    deps: ActivityDependencies,
  ) => Promise<unknown>;
  try {
    return await body(input, runtime, deps);
  } catch (error) {
    return answerOrThrow(error, runtime);
  }
}
