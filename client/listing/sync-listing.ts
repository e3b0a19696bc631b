import type { SyncOutcome } from '../../core/sync/status.ts';

/** What a running sync in a list waits for. */
export interface ListedWait {
  readonly for: 'approval' | 'decision' | 'window';
  /** How long it does at most, ms since 1970; absent where no worker tells. */
  readonly until?: number;
}

/** One sync in a list. */
export interface SyncListing {
  readonly application: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly syncId: string;
  readonly revision: string;
  readonly requestedBy: string;
  /** The flags of the part that was synced; absent for all of the application. */
  readonly selection?: string;
  /** `Queued` while it waits for its turn, `Running`, or how it ended. */
  readonly outcome: 'Queued' | 'Running' | SyncOutcome;
  /** What it waits for while it runs; absent where it works, and where Temporal does not know the search attributes. */
  readonly waits?: ListedWait;
  /** When it was started and when it was over, ms since 1970. */
  readonly startedAt: number;
  readonly finishedAt?: number;
  readonly workflowId: string;
  readonly runId: string;
}
