import type { HookEvidence } from '../core/evidence/evidence.ts';
import type { DecisionRequest } from '../core/sync/approval.ts';
import type { SyncPlan } from '../core/plan/plan.ts';
import type { RetryRequest, SkipRequest } from '../core/sync/resume-order.ts';
import type { SyncResult } from '../core/sync/status.ts';
import type { AbortRequest } from '../workflows/messages.ts';
import type { WatchedEvent } from './following/events.ts';
import type { HookEvents, HookLog, LogOptions } from './reports/hook-reports.ts';
import type { SyncListing } from './listing/sync-listing.ts';
import type { HookRow, ResourceRow } from './reports/resource-rows.ts';
import type { SyncView } from './following/view.ts';

/** What every wait takes. */
export interface WaitOptions {
  /** Ends the waiting, never the sync. */
  readonly signal?: AbortSignal;
}

/** What is watched, and how closely. */
export interface WatchOptions extends WaitOptions {
  /** ID of the last event that was seen. @default none: from the beginning */
  readonly after?: string;
  /** How long to wait between two looks, ms. @default 400 */
  readonly pollMs?: () => number;
}

/** One sync: to look at, to wait for, to abort. */
export interface SyncHandle {
  readonly application: string;
  readonly cluster: string;
  readonly workflowId: string;
  /** Present where one run is meant rather than the latest. */
  readonly runId?: string;
  /** Present where one sync is meant that may have waited for its turn. */
  readonly syncId?: string;
  /** What was noteworthy at its start. */
  readonly warnings: readonly string[];
  /** Where it stands. Throws `InvalidRequest` where there is no such sync. */
  status(options?: WaitOptions): Promise<SyncView>;
  /** Where it stands, again and again until it is over; the last one has the result. Outlives a Temporal that is away for up to 2 minutes. */
  views(options?: WaitOptions): AsyncIterable<SyncView>;
  /**
   * What happens to it, from the beginning (or after an event) to its end: each step of its timeline once and in order, however
   * short it was. Outlives a Temporal that is away as `views` does; waits for a worker where none answers.
   */
  watch(options?: WatchOptions): AsyncIterable<WatchedEvent>;
  /** The plan it executes: phases, waves and steps. Throws `InvalidRequest` where it has none (yet). */
  plan(options?: WaitOptions): Promise<SyncPlan>;
  /** Its resources with their states. Throws as `plan` does. */
  resources(options?: WaitOptions): Promise<readonly ResourceRow[]>;
  /** Its hooks with attempts, times and what became of their objects. */
  hooks(options?: WaitOptions): Promise<readonly HookRow[]>;
  /**
   * The log of a hook, which is named as a person does (`db-migrate`, `Job/db-migrate`, `PreSync/db-migrate`, or its step ID):
   * live while it runs, what was kept of it afterwards. Throws `InvalidRequest` for an unknown hook, and where there is no log.
   */
  logs(hook: string, options?: LogOptions): Promise<HookLog>;
  /** What Kubernetes said of a hook and its pods. Named and throws as `logs`. */
  events(hook: string, options?: Pick<LogOptions, 'attempt' | 'signal'>): Promise<HookEvents>;
  /** All that was kept of one attempt of a hook: logs, container states, events. Named and throws as `logs`. */
  evidence(hook: string, options?: Pick<LogOptions, 'attempt' | 'signal'>): Promise<HookEvidence>;
  /** The syncs of its application that Temporal knows, newest first. */
  history(options?: WaitOptions & { readonly limit?: number }): Promise<readonly SyncListing[]>;
  /** How it ended, once it has. A sync that failed is a result too, not an error. */
  result(options?: WaitOptions): Promise<SyncResult>;
  /** Stops it: running hooks are stopped, after their logs are kept; one that waits for its turn is taken out of the line. Resolves once that is accepted. Throws `InvalidRequest` when none runs. */
  abort(request: AbortRequest, options?: WaitOptions): Promise<void>;
  /**
   * Lets it go on after a failure, with the same plan: at the failed step, from a place on, with one step alone, or from the
   * beginning. Works while it holds and after it has closed; answers the handle of the run that goes on. Throws
   * `InvalidRequest` where it can't go on so, and `AlreadyRunning`.
   */
  retry(request: RetryRequest, options?: WaitOptions): Promise<SyncHandle>;
  /** The same with one step passed over, which its status records. */
  skip(request: SkipRequest, options?: WaitOptions): Promise<SyncHandle>;
  /** Lets it go on that waits for an approval. Resolves once that is accepted. Throws `InvalidRequest`, in the sync's words, where nothing waits, another plan is meant, or somebody else was first. */
  approve(request: DecisionRequest, options?: WaitOptions): Promise<void>;
  /** Ends it that waits for an approval, with a reason. Resolves and throws as `approve` does. */
  reject(request: DecisionRequest & { readonly reason: string }, options?: WaitOptions): Promise<void>;
}
