import type { Account } from '../accounts/account.ts';
import type { ApplicationSyncOptions } from '../annotations/sync-options.ts';
import type { IgnoreRule } from '../ignored/rules.ts';
import type { Selection } from '../selection/selection.ts';
import type { ApprovalDecision } from './approval.ts';
import type { Remainder } from './resumption.ts';
import type { Rollback } from './rollback.ts';
import type { Intervention } from './status.ts';

/** What one sync is asked to do. The workflow's only input; plain data, versioned. */
export interface SyncRequest {
  readonly version: 1;
  /** Names this sync for ever: it survives retries and resets, and fences hooks. 1 to 40 characters of [a-z0-9-]. */
  readonly syncId: string;
  readonly application: string;
  /** The cluster's name in the worker's configuration. */
  readonly cluster: string;
  /** Destination namespace of objects that name none, and home of the record. */
  readonly namespace: string;
  readonly createNamespace: boolean;
  /** Digest of the rendered manifests in the bundle store; of a deletion also empty: those of the application's last sync. */
  readonly bundle: string;
  /** What people call these bytes: a commit, or the first characters of the bundle's digest. */
  readonly revision: string;
  readonly requestedBy: string;
  /** When the sync was asked for, ms since 1970; hook names made from generateName and the sync's deadline count from here. */
  readonly requestedAt: number;
  /** Tells a request that is repeated from another one under the same ID; absent = its bundle does. */
  readonly fingerprint?: string;
  /** Whether Temporal knows Syncline's search attributes; a workflow that sets unknown ones would not get on. */
  readonly indexed: boolean;
  readonly options: SyncOptions;
  /** Present where a sync that has closed goes on: the same plan, with what it had come to. */
  readonly resume?: ResumeRequest;
  /** Present where the sync goes back to what an earlier one has synced. */
  readonly rollback?: Rollback;
  /** Present where the application is to be deleted, not synced. */
  readonly deletion?: DeletionOptions;
}

/** Where a closed sync goes on. */
export interface ResumeRequest {
  /** Digest of its plan. */
  readonly plan: string;
  /** The number of this round, from 2. */
  readonly round: number;
  readonly remainder: Remainder;
  /** Gates that were approved already. */
  readonly decisions: readonly ApprovalDecision[];
  /** What was decided before, this resumption included. */
  readonly interventions: readonly Intervention[];
}

/** The choices of one deletion. */
export interface DeletionOptions {
  /** Keep the objects: they are let go of, and no hook runs. */
  readonly orphan: boolean;
  /** Run no PreDelete and PostDelete hooks. */
  readonly skipHooks: boolean;
}

/** The choices of one sync. */
export interface SyncOptions {
  /** Plan and validate against the cluster, change nothing. */
  readonly dryRun: boolean;
  /** Delete what the application owns and the bundle no longer has. */
  readonly prune: boolean;
  /** Let a sync prune everything the application owns. */
  readonly allowEmpty: boolean;
  /** The most objects one sync may prune. */
  readonly maxPrune?: number;
  /** Wait for the health of the last wave too. */
  readonly wait: boolean;
  /** Read a misspelled annotation as Argo CD does, with a warning. */
  readonly lenient: boolean;
  /** Take fields over that another manager owns. */
  readonly forceConflicts: boolean;
  /** Validate everything by a server-side dry run before anything is changed. */
  readonly validate: boolean;
  /** The whole sync's deadline in ms from `requestedAt`; absent = none but the steps' own. */
  readonly timeoutMs?: number;
  /** How long a pod may be stuck in one problem before what it belongs to has failed, ms; absent = up to its deadline. */
  readonly stuckPodGraceMs?: number;
  /** How long a gate waits for an approval, ms; absent = 24 h. */
  readonly approvalTimeoutMs?: number;
  /** What a failed sync does: end (absent), wait for `retry`, `skip` or `abort`, or be followed by a rollback to the last success. */
  readonly onFailure?: 'fail' | 'hold' | 'rollback';
  /** How long a failed sync waits for a decision, ms; absent = 24 h. */
  readonly holdForMs?: number;
  /** The pause before a hook's first retry (`syncline.dev/retries`), ms; each later one is twice as long, at most 3 min; absent = 5 s. */
  readonly retryPauseMs?: number;
  /** How long each of the last steps of a sync that was stopped is tried where the cluster does not answer, ms; absent = 2 min. */
  readonly stopWithinMs?: number;
  /** Run SyncFail hooks when the sync is aborted. */
  readonly syncFailOnAbort: boolean;
  /** Take over what Argo CD, a Helm release or another application of Syncline's owns; absent = no. */
  readonly adopt?: boolean;
  /** Labels and annotations the destination namespace is kept with, where the sync may create it; absent = none. */
  readonly namespaceMetadata?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** What it does where a window of its application holds it back: fails (absent), or waits until it opens. */
  readonly ifClosed?: 'wait';
  /** Why it begins although a window holds it back; absent = it does not. */
  readonly overrideWindow?: string;
  /** Take the record over from another Temporal that holds it. */
  readonly takeOver: boolean;
  /** Argo CD's sync options for the whole application; absent = none set. */
  readonly syncOptions?: ApplicationSyncOptions;
  /** Fields in which live objects may differ from their manifests; absent = none. */
  readonly ignoreDifferences?: readonly IgnoreRule[];
  /** `PHASE` or `PHASE:WAVE`: the plan begins there, and what stands before it is left out; absent = everything. */
  readonly from?: string;
  /** As which account the application's objects are read and written; absent = the worker's own. */
  readonly as?: Account;
  /** The part of the application to sync; absent = all of it. */
  readonly selection?: Selection;
}

/** The options of a sync that was asked for nothing special. */
export const DEFAULT_SYNC_OPTIONS: SyncOptions = {
  dryRun: false,
  prune: false,
  allowEmpty: false,
  wait: true,
  lenient: false,
  forceConflicts: false,
  validate: true,
  syncFailOnAbort: false,
  takeOver: false,
};
