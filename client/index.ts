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
export type { ConnectOptions } from './client.ts';
export { connect } from './client.ts';
export type { HandleOptions, SynclineClient } from './syncline-client.ts';
export { connectServer } from './http/client.ts';
export type { ServerOptions } from './http/connection.ts';
export type { OpenCluster } from './connection/clusters.ts';
export type { Applications, ClusterOptions } from './applications/applications.ts';
export type { ApplicationHistory, HistoryOptions, RollbackOptions } from './applications/history.ts';
export type { ApplicationDefinition, ApplicationSource } from '../core/application/application.ts';
export type { HistoryEntry } from '../core/history/history.ts';
export { AlreadyRunning, Conflict, IdReused, NotFound, TemporalUnreachable } from './errors.ts';
export type { Comparison } from './starting/comparison.ts';
export type { Turn } from './starting/begin.ts';
export type { SyncEvent, WatchedEvent } from './following/events.ts';
export type { SyncHandle, WaitOptions, WatchOptions } from './handle.ts';
export type { HookEvents, HookLog, LogOptions } from './reports/hook-reports.ts';
export type { InLine } from './line/line.ts';
export type { ListOptions } from './listing/listing.ts';
export type { SyncListing } from './listing/sync-listing.ts';
export type { OfflinePlan, OfflinePlanOptions } from '../core/plan/offline-plan.ts';
export { planFiles } from '../core/plan/offline-plan.ts';
export type { Place } from './connection/place.ts';
export type { Schedule, ScheduleSummary } from './applications/schedule-view.ts';
export type { ScheduleOptions, Schedules } from './applications/schedules.ts';
export type { ScheduleSpec } from '../core/triggers/schedule.ts';
export type { TriggerOutcome } from '../core/triggers/trigger.ts';
export type { PushReceipt } from './applications/pushes.ts';
export type { ContainerLog } from './reports/pod-logs.ts';
export type { DeletionOrder, SyncOrder } from './starting/request.ts';
export type { HookRow, ResourceRow } from './reports/resource-rows.ts';
export type { SyncStateReport } from './reports/sync-state-report.ts';
export type { SyncView, Work } from './following/view.ts';
export { isLater } from './following/watching.ts';
export type { WorkerInfo } from './connection/workers.ts';
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
