import { workflowInfo } from '@temporalio/workflow';
import type { CompactPlan } from '../core/sync/compact-plan.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { Announcements } from './announcements.ts';
import type { Approvals } from './approvals.ts';
import type { FencedActivities } from './fenced-activities.ts';
import type { HoldDesk } from './hold.ts';
import type { PlannedSync } from './phases.ts';
import type { GivingWay } from './supersession.ts';
import type { SyncTracker } from './sync-state.ts';

/** A sync on its way; plan and fence are there once it has come so far. */
export interface RunningSync {
  readonly request: SyncRequest;
  readonly tracker: SyncTracker;
  readonly announcements: Announcements;
  readonly approvals: Approvals;
  readonly desk: HoldDesk;
  readonly givingWay: GivingWay;
  /** The round from 1, and the first one whose successes count. */
  round: number;
  since: number;
  plan?: CompactPlan;
  activities?: FencedActivities;
}

/** The sync as its phases see it. */
export function plannedSync(sync: RunningSync, plan: CompactPlan, activities: FencedActivities): PlannedSync {
  const { request, tracker, approvals, givingWay, round, since } = sync;
  return { request, tracker, plan, rootRun: workflowInfo().runId, activities, approvals, givingWay, round, since };
}
