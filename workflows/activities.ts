import type { Joining } from '../core/queue/line.ts';
import type { Push } from '../core/triggers/push.ts';
import type { Trigger } from '../core/triggers/trigger.ts';
import type { Consultation, ConsultationAnswer } from '../core/application/consultation.ts';
import type { Failure } from '../core/failures.ts';
import type { PhaseRecord } from '../core/history/history.ts';
import type { RollbackTo } from '../core/history/rollback.ts';
import type { Verdict } from '../core/record/record.ts';
import type { Notification, NotificationKind } from '../core/notifications/notification.ts';
import type { Phase } from '../core/phases.ts';
import type { CompactHook, CompactPlan } from '../core/sync/compact-plan.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { SyncOutcome } from '../core/sync/status.ts';

/** What every activity of one sync is told. */
export interface SyncScope {
  readonly request: SyncRequest;
  /** Digest of the full plan. */
  readonly plan: string;
  readonly epoch: number;
  /** Run ID of the root workflow. */
  readonly rootRun: string;
}

/** The answer of an activity that found the record in other hands: its workflow claims it again, if it still may. */
export interface Fenced {
  readonly kind: 'fenced';
}

/** The answer of an activity whose work could not be done, for reasons that are the user's to mend. */
export interface Failed {
  readonly kind: 'failed';
  readonly failures: readonly Failure[];
}

export type PlanAnswer = ({ readonly kind: 'planned'; readonly plan: CompactPlan } | Failed) & {
  /** For a failure that is a window's which holds the sync back: when it opens, ms since 1970. */
  readonly opensAt?: number;
  /** What of the application anybody wants to be told; absent where the worker did not say. */
  readonly heard?: readonly NotificationKind[];
};

export interface ClaimInput {
  readonly request: SyncRequest;
  readonly plan: string;
  readonly rootRun: string;
  /** Which workflow claims: a phase may only where its root still holds the record. */
  readonly claimant: 'root' | 'phase';
  /** Whether this run has claimed the record before: it does not take it back from another sync. */
  readonly renews?: boolean;
}

export type ClaimAnswer = { readonly kind: 'claimed'; readonly epoch: number; readonly number: number } | Failed;

export interface SegmentInput {
  readonly scope: SyncScope;
  readonly phase: Phase;
  readonly wave: number;
  /** Index of the segment in its wave. */
  readonly segment: number;
}

export type SegmentAnswer =
  | { readonly kind: 'done'; readonly applied: number; readonly unchanged: number; readonly pruned: number }
  | Failed
  | Fenced;

export interface HookInput {
  readonly scope: SyncScope;
  readonly hook: CompactHook;
  readonly phase: Phase;
  readonly wave: number;
  /** This run's count of requests for this hook, from 1: tells a repeated activity from a new attempt. */
  readonly ask: number;
  /** The round of the sync, and the first round whose successes count; absent = 1. */
  readonly round?: number;
  readonly since?: number;
  /** Whether to wait for an attempt only that was begun before, and to begin none; where there is none the answer is `failed`, without a failure. */
  readonly begunOnly?: boolean;
}

export type HookAnswer =
  | {
      readonly kind: 'settled';
      readonly uid: string;
      readonly attempt: number;
      readonly startedAt: number;
      readonly verdict: Verdict;
      /** How many attempts its round has had with this one, by the record; absent where that does not tell. */
      readonly tries?: number;
      /** False where the cluster did not keep the gate, so that the attempt was at-least-once. */
      readonly gated: boolean;
    }
  | Failed
  | Fenced;

/** A hook has been released, or has its verdict already. */
export type StartAnswer = { readonly kind: 'started' } | Failed | Fenced;

export interface HealthInput {
  readonly scope: SyncScope;
  readonly phase: Phase;
  readonly wave: number;
  /** How long to wait from the activity's first start, ms. */
  readonly deadlineMs: number;
  /** Index of the `await` segment whose resources are waited for; absent: all of the wave, its pruned objects too. */
  readonly segment?: number;
}

export type HealthAnswer = { readonly kind: 'healthy' } | Failed | Fenced;

/** Hooks to clean up after: those of a phase by their outcome, or the running ones of a sync that is aborted. */
export interface SettleInput {
  readonly phase: Phase;
  readonly scope: SyncScope;
  readonly hooks: readonly CompactHook[];
  /** Why running ones are stopped, as a clause; absent: the sync was aborted. */
  readonly why?: string;
}

export type SettleAnswer =
  { readonly kind: 'done'; readonly deleted: number; readonly warnings: readonly string[] } | Failed | Fenced;

export interface FinishInput {
  readonly scope: SyncScope;
  readonly outcome: SyncOutcome;
  /** Hooks whose deletion waits for the end of the sync. */
  readonly hooks: readonly CompactHook[];
  /** Whether anything was, or may have been, changed; absent in the requests of earlier versions. */
  readonly changed?: boolean;
  /** Compare what the application owns with the bundle once more, and repair. */
  readonly verify: boolean;
  /** What the history keeps of the sync; absent in the requests of earlier versions. */
  readonly history?: {
    readonly startedAt: number;
    readonly phases: readonly PhaseRecord[];
    readonly failure?: string;
    readonly skipped?: number;
  };
  /** Waves whose resources were left out or skipped: these are not repaired. */
  readonly leftOut?: readonly { readonly phase: Phase; readonly wave: number }[];
}

/** `rollback`: what a failed sync that asks for it is to be followed by; absent where there is nothing to go back to. */
export type FinishAnswer =
  | {
      readonly kind: 'done';
      readonly repaired: number;
      readonly warnings: readonly string[];
      readonly rollback?: RollbackTo;
    }
  | (Failed & { readonly rollback?: RollbackTo })
  | Fenced;

/**
 * The side effects a sync asks for. Each is idempotent, may be repeated at any time, and checks its fence before it
 * writes. What the user can mend is an answer; what may pass by itself is thrown and retried by Temporal.
 */
export interface SyncActivities {
  /** Turns the bundle, discovery, live state and inventory into a plan, validates everything by a server-side dry run, and stores the plan. Changes nothing. */
  planSync(request: SyncRequest): Promise<PlanAnswer>;
  /** Raises the record's epoch for the calling workflow's run; creates the namespace and the record where they are missing; removes gated leftovers of other syncs. */
  claimRecord(input: ClaimInput): Promise<ClaimAnswer>;
  /** Prunes or applies the steps of one segment, kind by kind. */
  applySegment(input: SegmentInput): Promise<SegmentAnswer>;
  /** Creates and releases one hook by the hook protocol; `runHook` then waits for its verdict. */
  startHook(input: HookInput): Promise<StartAnswer>;
  /** Runs one hook by the hook protocol and waits for its verdict. */
  runHook(input: HookInput): Promise<HookAnswer>;
  /** Waits until the resources of a wave, or those that its next segment needs, are healthy and its pruned objects are gone. */
  awaitHealthy(input: HealthInput): Promise<HealthAnswer>;
  /** Deletes hooks by their delete policies and their own outcome, and gives the kept ones their TTL back. */
  settleHooks(input: SettleInput): Promise<SettleAnswer>;
  /** Stops hooks that have an intent and no verdict: evidence first, then deletion; writes the verdict `aborted`. */
  stopHooks(input: SettleInput): Promise<SettleAnswer>;
  /** Ends the sync in the cluster: last deletions, a last comparison, the inventory, and the record's release. */
  finishSync(input: FinishInput): Promise<FinishAnswer>;
}

/** Names a sync among the runs of its application's lock. */
export interface ServedInput {
  readonly workflowId: string;
  readonly syncId: string;
}

/** The side effects a line of requests asks for. */
export interface QueueActivities {
  /** Waits until no run of a workflow is open under the ID, or the one that is open now has ended. */
  awaitEnd(input: { readonly workflowId: string }): Promise<void>;
  /** The newest run of a sync among those of a workflow ID that Temporal knows; undefined for none. */
  findServed(input: ServedInput): Promise<string | undefined>;
}

/** What clients ask of a cluster beside its syncs. */
export interface ConsultationActivities {
  /** Reads or writes what Syncline keeps of applications. What can't be done is an answer; doing it again changes nothing. */
  consult(asked: Consultation): Promise<ConsultationAnswer>;
}

/** Which applications of a cluster a push starts. */
export interface FindInput {
  readonly cluster: string;
  readonly push: Push;
}

export type FindAnswer =
  | {
      readonly kind: 'found';
      readonly applications: readonly string[];
      /** Those of the push's repository that it does not start. */
      readonly ignored: readonly { readonly application: string; readonly why: string }[];
      /** What is wrong with definitions that can't be read. */
      readonly failures: readonly Failure[];
    }
  | Failed;

/** What a trigger wants synced; `name` is that of its workflow, by which it is the same when it is repeated. */
export interface PrepareInput {
  readonly trigger: Trigger;
  readonly name: string;
}

export type PrepareAnswer =
  | { readonly kind: 'ready'; readonly joining: Joining }
  | { readonly kind: 'unchanged'; readonly revision: string; readonly bundle: string; readonly why: string }
  | Failed;

/** The side effects that what starts syncs by itself asks for. */
export interface TriggerActivities {
  /** Finds the applications that listen to a push. Changes nothing. */
  findTriggered(input: FindInput): Promise<FindAnswer>;
  /** Renders an application and stores its manifests. Doing it again stores the same, under the same ID of a sync. */
  prepareTrigger(input: PrepareInput): Promise<PrepareAnswer>;
}

/** What became of telling one target; `refused`: it will not pass by itself. */
export type Delivery = { readonly target: string } & (
  { readonly kind: 'delivered' | 'unneeded' } | { readonly kind: 'refused' | 'unreached'; readonly why: string }
);

/** The side effects of telling people and programs what happens to syncs. */
export interface NotificationActivities {
  /** The names of the targets that the worker's configuration has for an event. */
  targetsOf(notification: Notification): Promise<readonly string[]>;
  /** Tells one target. Thrown, and so tried again, where that may help. Told again, a target gets the same key. */
  tellTarget(input: { readonly notification: Notification; readonly target: string }): Promise<Delivery>;
}
