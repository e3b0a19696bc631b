/**
 * Syncline as a library: start syncs, follow them, read their results.
 *
 * @example
 * ```ts
 * import { connect } from 'syncline';
 *
 * const client = await connect(); // TEMPORAL_* and SYNCLINE_BUNDLES say where
 * const handle = client.handle('shop', { cluster: 'prod' });
 * for await (const event of handle.watch()) {
 *   if (event.kind === 'hook') console.log(event.hook.ref.name, event.hook.state);
 * }
 * await client.close();
 * ```
 *
 * @module
 */
export type { ConnectOptions, HandleOptions, SynclineClient } from './client.ts';
export { connect } from './client.ts';
export { connectServer } from './http/client.ts';
export type { ServerOptions } from './http/connection.ts';
export type { OpenCluster } from './clusters.ts';
export type { Applications, ClusterOptions } from './applications.ts';
export type { ApplicationHistory, HistoryOptions, RollbackOptions } from './history.ts';
export type { ApplicationDefinition, ApplicationSource } from '../core/application/application.ts';
export type { HistoryEntry } from '../core/history/history.ts';
export { AlreadyRunning, Conflict, IdReused, NotFound, TemporalUnreachable } from './errors.ts';
export type { Comparison } from './comparison.ts';
export type { Turn } from './begin.ts';
export type { SyncEvent, WatchedEvent } from './events.ts';
export type { SyncHandle, WaitOptions, WatchOptions } from './handle.ts';
export type { HookEvents, HookLog, LogOptions } from './hook-reports.ts';
export type { InLine } from './line.ts';
export type { ListOptions } from './listing.ts';
export type { SyncListing } from './sync-listing.ts';
export type { OfflinePlan, OfflinePlanOptions } from '../core/plan/offline-plan.ts';
export { planFiles } from '../core/plan/offline-plan.ts';
export type { Place } from './place.ts';
export type { Schedule, ScheduleSummary } from './schedule-view.ts';
export type { ScheduleOptions, Schedules } from './schedules.ts';
export type { ScheduleSpec } from '../core/triggers/schedule.ts';
export type { TriggerOutcome } from '../core/triggers/trigger.ts';
export type { PushReceipt } from './pushes.ts';
export type { ContainerLog } from './pod-logs.ts';
export type { DeletionOrder, SyncOrder } from './request.ts';
export type { HookRow, ResourceRow } from './resource-rows.ts';
export type { SyncStateReport } from './sync-state.ts';
export type { SyncView, Work } from './view.ts';
export { isLater } from './watching.ts';
export type { WorkerInfo } from './workers.ts';
export type { FieldChange } from '../core/diff/field-changes.ts';
export type { DiffCounts, DiffSummary, ObjectDifference, SyncDiff } from '../core/diff/sync-diff.ts';
export type { ContainerEvidence, EventEvidence, HookEvidence } from '../core/evidence/evidence.ts';
export type { Failure, FailureType } from '../core/failures.ts';
export { SynclineError } from '../core/failures.ts';
export type { Manifest } from '../core/manifests/manifest.ts';
export { parseManifests } from '../core/manifests/parse.ts';
export type { ApprovalDecision, ApprovalStatus, DecisionRequest } from '../core/sync/approval.ts';
export type { Progress } from '../core/sync/progress.ts';
export type { IgnoreRule } from '../core/ignored/rules.ts';
export type { IfRunning } from '../core/queue/line.ts';
export type { Selection } from '../core/selection/selection.ts';
export type { RetryRequest, SkipRequest } from '../core/sync/resume-order.ts';
export type { SyncOptions } from '../core/sync/request.ts';
export type {
  BatchStatus,
  Hold,
  HookStatus,
  Intervention,
  PhaseStatus,
  Queued,
  StepState,
  Supersession,
  SyncOutcome,
  SyncResult,
  SyncState,
  SyncStatus,
  WaveStatus,
} from '../core/sync/status.ts';
export type { Push } from '../core/triggers/push.ts';
export type { SyncPlan } from '../core/plan/plan.ts';
export type { SourceOptions } from '../sources/source-options.ts';
export type { SourceText } from '../sources/source-text.ts';
export { foreignToRemote, mayRender, MOST_RENDERING_MS } from '../sources/remote-rendering.ts';
export { readArchive, readSource } from '../sources/source.ts';
