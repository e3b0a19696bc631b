import type { ActivityOptions } from '@temporalio/workflow';
import { patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Failure } from '../core/failures.ts';
import { titleOf } from '../core/objects.ts';
import type { CompactPhase } from '../core/sync/compact-plan.ts';
import { hooksOf } from '../core/sync/compact-plan.ts';
import type { SyncActivities } from './activities.ts';
import { WORK_OPTIONS, waitOptions } from './activity-options.ts';
import type { FencedActivities } from './fenced-activities.ts';

/** Whether a reset has made this run: then it is not the first one of its workflow. */
export function followsReset(): boolean {
  const { runId, firstExecutionRunId } = workflowInfo();
  return runId !== firstExecutionRunId;
}

/** Whether hooks of an earlier run, of this workflow or of its root, may be at work that this one is to wait for before it gives way. */
export function mayFollowLeftHooks(rootFollowsReset = false): boolean {
  return (rootFollowsReset || followsReset()) && patched('await-left-hooks');
}

/** Waits for the hooks of a phase that an earlier run has begun, and cleans up after them; none is begun. Answers why that could not be done. */
export async function awaitLeftHooks(compact: CompactPhase, activities: FencedActivities): Promise<readonly Failure[]> {
  const { phase, waves } = compact;
  const begun = waves.map((wave) => ({
    wave: wave.wave,
    hooks: hooksOf([wave]).filter((hook) => hook.runsToCompletion),
  }));
  const waits = begun.flatMap((each) =>
    each.hooks.map((hook) => {
      const summary = `${phase} · ${titleOf(hook.ref)}, which was begun before`;
      const { runHook } = proxyActivities<SyncActivities>({ ...waitOptions(hook.deadlineMs), summary });
      const input = { hook, phase, wave: each.wave, ask: 1, begunOnly: true };
      return activities.ask((scope) => runHook({ scope, ...input }));
    }),
  );
  const failures: Failure[] = [];
  for (const end of await Promise.allSettled(waits)) {
    if (end.status === 'rejected') throw end.reason;
    if (end.value.kind === 'failed') failures.push(...end.value.failures);
  }
  await settleLeftHooks(compact, activities, WORK_OPTIONS);
  return failures;
}

/** Cleans up after the hooks of a phase that an earlier run has begun. */
export async function settleLeftHooks(
  compact: CompactPhase,
  activities: FencedActivities,
  options: ActivityOptions,
): Promise<void> {
  const { phase, waves } = compact;
  const hooks = hooksOf(waves).filter((hook) => hook.runsToCompletion);
  const { settleHooks } = proxyActivities<SyncActivities>({ ...options, summary: `${phase} · clean up hooks` });
  if (hooks.length > 0) await activities.ask((scope) => settleHooks({ scope, phase, hooks }));
}
