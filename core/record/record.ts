import type { Failure } from '../failures.ts';

/** Who holds an application's record: one run of one workflow of one sync. */
export interface Holder {
  readonly syncId: string;
  /** Names the Temporal namespace (by its ID) and the workflow ID: two Temporals never look alike. */
  readonly temporal: string;
  /** How people know that Temporal: its address and namespace. */
  readonly temporalName: string;
  /** Run ID of the root workflow. */
  readonly rootRun: string;
  /** Run ID of the workflow (root or phase) whose activities may write. */
  readonly run: string;
}

/** What an activity must still match before it writes. */
export interface Fence {
  readonly syncId: string;
  readonly epoch: number;
  /** Run ID of the activity's own workflow. */
  readonly run: string;
}

/** What the ledger knows of one attempt of one hook. */
export interface LedgerEntry {
  /** 1, then one more for each new attempt. */
  readonly attempt: number;
  readonly uid: string;
  /** The run and its running count of requests for this hook that made or last adopted the attempt. */
  readonly run: string;
  readonly ask: number;
  /** The round of the sync that made the attempt; absent = 1. */
  readonly round?: number;
  /** The first attempt of that round; absent in records of older versions. */
  readonly first?: number;
  /** When the intent was written, ms since 1970. */
  readonly intentAt: number;
  /** False where the cluster did not keep the gate (or the kind has none), so that the attempt is at-least-once. */
  readonly gated: boolean;
  /** Absent while the attempt has no verdict. */
  readonly verdict?: Verdict;
}

/** How an attempt ended. */
export interface Verdict {
  readonly outcome: 'succeeded' | 'failed' | 'aborted';
  /** When it ended, ms since 1970. */
  readonly at: number;
  /** Why it failed; absent when it succeeded. */
  readonly failure?: Failure;
  readonly message: string;
  /** Digest of the stored evidence. */
  readonly evidence?: string;
}

/** Whether a hook did not come to an end of its own: Syncline stopped it, or has yet to. */
export function wasStopped({ outcome, failure }: Verdict): boolean {
  return outcome === 'aborted' || failure?.type === 'HookTimedOut' || failure?.type === 'HookStuck';
}

/** The record of one application in its destination cluster, changed by compare-and-swap alone. */
export interface SyncRecord {
  readonly version: 1;
  readonly application: string;
  /** Raised by each claim. */
  readonly epoch: number;
  /** The application's running count of syncs. */
  readonly number: number;
  /** Null while no sync runs. */
  readonly holder: Holder | null;
  /** Who claimed it last, and when that claim was scheduled (ms since 1970, by that Temporal's clock). */
  readonly lastClaim: { readonly temporal: string; readonly at: number };
  /** When the last claim of a root was scheduled, by Temporal (each by its own clock); absent in records of older versions. */
  readonly rootClaims?: Readonly<Record<string, number>>;
  /** The sync whose hooks the ledger holds. */
  readonly syncId: string;
  /** Digest of the bundle of the last sync that changed something, or found everything as its bundle has it. */
  readonly bundle?: string;
  /** Digest of the bundle of a sync that has claimed and not finished: it may have applied any of it. */
  readonly pendingBundle?: string;
  /** Digest of the bundle whose hooks a deletion runs, or ran and failed: a further deletion takes over what has succeeded. */
  readonly deletion?: string;
  /** Attempts by hook step ID, oldest first. */
  readonly ledger: Readonly<Record<string, readonly LedgerEntry[]>>;
}
