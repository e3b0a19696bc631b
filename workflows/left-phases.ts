import { patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { formatFailure } from '../core/failures.ts';
import type { CompactPhase, CompactPlan } from '../core/sync/compact-plan.ts';
import { hooksOf } from '../core/sync/compact-plan.ts';
import type { SyncActivities } from './activities.ts';
import { stopOptions } from './activity-options.ts';
import type { FencedActivities } from './fenced-activities.ts';
import { attempt, fencedActivities } from './fenced-activities.ts';
import { awaitLeftHooks, followsReset, mayFollowLeftHooks, settleLeftHooks } from './left-hooks.ts';
import type { RunningSync } from './running-sync.ts';

/**
 * Stops what an earlier run of the workflow has left behind, where this one was stopped before it came so far: Temporal lets the
 * children of a run that is reset run on. The claim fences such a phase off, and the hooks that it has begun are stopped as
 * those of a phase of one's own. Answers whether there may have been any.
 */
export async function stopLeftPhases(sync: RunningSync): Promise<boolean> {
  // A dry run has no phases, and claims nothing.
  if (sync.request.options.dryRun || !followsReset() || !patched('stop-left-phases')) return false;
  const plan = await planOf(sync);
  const activities = plan === undefined ? undefined : await claimed(sync, plan);
  if (plan === undefined || activities === undefined) return false;
  for (const phase of phasesNotBegun(sync, plan)) await stopHooksOf(sync, phase, activities);
  return true;
}

/**
 * Waits for the hooks that an earlier run of the workflow has left running, where this one gives way before it came so far: a newer
 * sync is to find none of them at work. Nothing else of their phases is begun.
 */
export async function awaitLeftPhases(sync: RunningSync): Promise<void> {
  const { plan, activities } = sync;
  if (plan === undefined || activities === undefined || !mayFollowLeftHooks()) return;
  await Promise.all(phasesNotBegun(sync, plan).map((phase) => awaitLeftHooks(phase, activities)));
}

async function planOf(sync: RunningSync): Promise<CompactPlan | undefined> {
  if (sync.plan !== undefined) return sync.plan;
  const { planSync } = proxyActivities<SyncActivities>({
    ...stopOptions(sync.request),
    summary: 'plan, to stop what was begun',
  });
  const planned = await attempt(() => planSync(sync.request));
  if (planned.kind === 'planned') {
    sync.plan = planned.plan;
    sync.tracker.planned(planned.plan);
    return planned.plan;
  }
  sync.tracker.warned(
    planned.failures.map((failure) => `What was begun before is not stopped: ${formatFailure(failure)}`),
  );
  return undefined;
}

async function claimed(sync: RunningSync, { digest }: CompactPlan): Promise<FencedActivities | undefined> {
  if (sync.activities !== undefined) return sync.activities;
  const { request, tracker } = sync;
  const rootRun = workflowInfo().runId;
  const activities = fencedActivities({ request, plan: digest, rootRun, claimant: 'root' });
  activities.hasten();
  const answer = await activities.claim();
  if (answer.kind === 'failed') {
    tracker.warned(answer.failures.map((failure) => `What was begun before is not stopped: ${formatFailure(failure)}`));
    return undefined;
  }
  tracker.claimed(answer.number);
  sync.activities = activities;
  return activities;
}

/** Phases that this run has begun have stopped their hooks by themselves; one that was to begin, and has not answered, may never have begun. */
function phasesNotBegun({ tracker }: RunningSync, plan: CompactPlan): readonly CompactPhase[] {
  const known = new Map(tracker.snapshot().phases.map(({ phase, state }) => [phase, state]));
  return plan.phases.filter(({ phase }) => {
    const state = known.get(phase) ?? 'pending';
    // One that was aborted or has failed may have been refused, since the record names the run before the reset.
    const isOpen = state !== 'succeeded' && state !== 'skipped';
    return state === 'pending' || (isOpen && patched('stop-phases-without-answer'));
  });
}

async function stopHooksOf(
  { request, tracker }: RunningSync,
  compact: CompactPhase,
  activities: FencedActivities,
): Promise<void> {
  const { phase, waves } = compact;
  const hooks = hooksOf(waves);
  if (hooks.length === 0) return;
  const { stopHooks } = proxyActivities<SyncActivities>({ ...stopOptions(request), summary: `${phase} · stop hooks` });
  const stopped = await activities.ask((scope) => stopHooks({ scope, phase, hooks }));
  if (stopped.kind === 'failed') tracker.warned(stopped.failures.map(formatFailure));
  // One that has its verdict may still be at work, if whoever wrote it died before it could stop it.
  if (patched('settle-left-phases')) await settleLeftHooks(compact, activities, stopOptions(request));
}
