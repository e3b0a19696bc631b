import type { Account } from '../accounts/account.ts';
import type { DiffSummary } from '../diff/sync-diff.ts';
import type { Failure } from '../failures.ts';
import type { Phase } from '../phases.ts';
import type { ApprovalStatus } from './approval.ts';
import type { Destination, HookGuarantee } from './compact-plan.ts';
import type { Rollback } from './rollback.ts';
import type { ObjectRef } from '../objects.ts';
import type { Selection } from '../selection/selection.ts';

/** Where a phase, a wave or a step stands; `waiting`: for a person's approval. */
export type StepState = 'pending' | 'waiting' | 'running' | 'succeeded' | 'failed' | 'aborted' | 'skipped';

/** Where a whole sync stands; `queued`: it waits for another one to end; `holding`: a step has failed, and somebody is to decide how it goes on. */
export type SyncState =
  'queued' | 'planning' | 'running' | 'holding' | 'succeeded' | 'failed' | 'aborted' | 'superseded';

/** How a sync ended; `Superseded`: it gave way to a newer one at a safe point, which is neither success nor failure. */
export type SyncOutcome = 'Succeeded' | 'Failed' | 'Aborted' | 'Superseded';

/** Who has decided that a step is passed over, and why; `at` in ms since 1970. */
export interface Skip {
  readonly by: string;
  readonly reason?: string;
  readonly at: number;
}

/** A hook's standing. Times are ms since 1970. */
export interface HookStatus {
  readonly kind: 'hook';
  readonly id: string;
  readonly ref: ObjectRef;
  readonly state: StepState;
  readonly deadlineMs: number;
  readonly guarantee: HookGuarantee;
  readonly attempt?: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly message?: string;
  /** Present where a person has skipped it. */
  readonly skipped?: Skip;
  /** Digest of the stored evidence (logs, states, events). */
  readonly evidence?: string;
  /** How often it is tried again after a failure; absent for never. */
  readonly retries?: number;
  /** Attempts that failed and were not the last, oldest first. */
  readonly spent?: readonly SpentAttempt[];
  /** When the next attempt begins, or began, after the latest of these. */
  readonly nextAt?: number;
}

/** An attempt of a hook that failed and that another follows. Times are ms since 1970. */
export interface SpentAttempt {
  readonly attempt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly message: string;
  /** Digest of the stored evidence. */
  readonly evidence?: string;
}

/** The standing of a batch of applies or prunes. */
export interface BatchStatus {
  readonly kind: 'apply' | 'prune';
  readonly state: StepState;
  readonly count: number;
  readonly changed: number;
  readonly titles: readonly string[];
  /** Present where a person has skipped it. */
  readonly skipped?: Skip;
}

/** The standing of one wave. */
export interface WaveStatus {
  readonly wave: number;
  readonly state: StepState;
  readonly steps: readonly (HookStatus | BatchStatus)[];
  /** Present once the wave has waited for an approval. */
  readonly approval?: ApprovalStatus;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

/** The standing of one phase; also the answer of the phase workflow's `status` query. */
export interface PhaseStatus {
  readonly phase: Phase;
  readonly state: StepState;
  readonly waves: readonly WaveStatus[];
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

/** A sync that waits for somebody to decide after a failure. Times in ms since 1970. */
export interface Hold {
  readonly since: number;
  /** How long it waits before it fails, ms. */
  readonly deadlineMs: number;
}

/** A window that holds a sync back. */
export interface ClosedWindow {
  /** When it lets the sync begin, ms since 1970. */
  readonly opensAt: number;
  /** What holds it back, as a sentence without its full stop. */
  readonly why: string;
}

/** The newer sync that a sync gives way to. */
export interface Supersession {
  readonly syncId: string;
  readonly revision: string;
  /** Who has asked for it. */
  readonly by: string;
  /** When it was asked for, ms since 1970. */
  readonly at: number;
  /** How long the older sync may take to its next safe point before its hooks are stopped, ms; 0 = they are stopped at once. */
  readonly withinMs: number;
}

/** A sync that waits for its turn. */
export interface Queued {
  /** Since when, ms since 1970. */
  readonly since: number;
  /** How many are before it in the line. */
  readonly before: number;
  /** What it does to the sync that runs: waits for its end, or asks it to give way. */
  readonly ifRunning: 'queue' | 'supersede';
  /** The sync that runs, where it is known. */
  readonly behind?: { readonly syncId: string; readonly revision: string; readonly requestedBy: string };
}

/** What a person has decided after a failure: how the sync went on, in words, who, why and when (ms since 1970). */
export interface Intervention {
  readonly what: string;
  readonly by: string;
  readonly reason?: string;
  readonly at: number;
}

/** The answer of the sync workflow's `status` query. A running phase's detail is asked from its own workflow. */
export interface SyncStatus {
  readonly version: 1;
  readonly application: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly syncId: string;
  /** The application's running count of syncs; absent until the record is claimed. */
  readonly number?: number;
  readonly revision: string;
  readonly bundle: string;
  readonly plan?: string;
  /** What a sync would change; present once a dry run has its plan. */
  readonly diff?: DiffSummary;
  /** The cluster as the worker reaches it; absent until there is a plan. */
  readonly destination?: Destination;
  /** The part of the application that was asked for; absent for all of it. */
  readonly selection?: Selection;
  /** As which account the application's objects are read and written; absent = the worker's own. */
  readonly as?: Account;
  readonly state: SyncState;
  /** Present where it goes back to an earlier sync. */
  readonly rollback?: Rollback;
  /** Present where the application is deleted, not synced. */
  readonly operation?: 'delete';
  readonly requestedBy: string;
  readonly startedAt: number;
  readonly finishedAt?: number;
  readonly phases: readonly PhaseStatus[];
  readonly failures: readonly Failure[];
  readonly warnings: readonly string[];
  /** Present while it holds. */
  readonly hold?: Hold;
  /** What people have decided after failures, oldest first; absent where there was nothing to decide. */
  readonly interventions?: readonly Intervention[];
  /** How often it was resumed, plus 1; absent before that. */
  readonly round?: number;
  /** Which sync it gives way to, or gave way to; absent for none. */
  readonly supersededBy?: Supersession;
  /** Present while it waits for a window to open. */
  readonly window?: ClosedWindow;
  /** Present while it waits for its turn. */
  readonly queued?: Queued;
  /** Where it began, and what it left out for that, for people; absent where it did everything. */
  readonly from?: { readonly place: string; readonly leftOut: readonly string[] };
}

/** What a sync ends with: the workflow's result, or the details of its failure. */
export interface SyncResult extends SyncStatus {
  readonly outcome: SyncOutcome;
  readonly finishedAt: number;
  /** What was changed in the cluster, counted. */
  readonly counts: SyncCounts;
}

/** Objects by what became of them. */
export interface SyncCounts {
  readonly applied: number;
  readonly unchanged: number;
  readonly pruned: number;
  readonly hooks: number;
}
