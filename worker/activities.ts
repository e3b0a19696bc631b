import { applySegment } from '../activities/apply/apply-segment.ts';
import { consult } from '../activities/applications/consult.ts';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { finishSync } from '../activities/finish/finish-sync.ts';
import { awaitHealthy } from '../activities/health/await-healthy.ts';
import { runHook, startHook } from '../activities/hooks/run-hook.ts';
import { settleHooks } from '../activities/hooks/settle-hooks.ts';
import { stopHooks } from '../activities/hooks/stop-hooks.ts';
import { planSync } from '../activities/plan/plan-sync.ts';
import { claimRecord } from '../activities/record/claim-record.ts';
import type { ActivityRuntime } from '../activities/runtime.ts';
import { findTriggered } from '../activities/triggers/find-triggered.ts';
import { prepareTrigger } from '../activities/triggers/prepare-trigger.ts';
import type { ConsultationActivities, SyncActivities, TriggerActivities } from '../workflows/activities.ts';
import { answerOrThrow } from './activity-errors.ts';
import { heartbeats } from './heartbeat.ts';
import { temporalRuntime } from './temporal-runtime.ts';

type Body<Input, Answer> = (input: Input, runtime: ActivityRuntime, deps: ActivityDependencies) => Promise<Answer>;

/** Binds the activities to what they stand on and to Temporal. */
export function createActivities(
  deps: ActivityDependencies,
): SyncActivities & ConsultationActivities & TriggerActivities {
  const heartbeating = heartbeats();
  const bind =
    <Input, Answer>(body: Body<Input, Answer>) =>
    async (input: Input) => {
      const runtime = temporalRuntime();
      try {
        return await heartbeating(runtime, (beating) => body(input, beating, deps));
      } catch (error) {
        return answerOrThrow(error, runtime);
      }
    };
  const plan: SyncActivities['planSync'] = bind(planSync);
  return {
    consult: bind(consult),
    findTriggered: bind(findTriggered),
    prepareTrigger: bind(prepareTrigger),
    // Whoever plans knows whom to tell, also where the plan is refused.
    planSync: async (request) => ({ ...(await plan(request)), heard: deps.notifier?.heard(request) ?? [] }),
    claimRecord: bind(claimRecord),
    applySegment: bind(applySegment),
    startHook: bind(startHook),
    runHook: bind(runHook),
    awaitHealthy: bind(awaitHealthy),
    settleHooks: bind(settleHooks),
    stopHooks: bind(stopHooks),
    finishSync: bind(finishSync),
  };
}
