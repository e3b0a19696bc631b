/** The search attributes (all of type Keyword) by which Temporal's visibility finds syncs. */
export const SEARCH_ATTRIBUTES = {
  /** The application of a sync. */
  application: 'SynclineApplication',
  /** The cluster's name in the worker's configuration. */
  cluster: 'SynclineCluster',
  /** What people call the synced bytes, e.g. a commit. */
  revision: 'SynclineRevision',
  /** The phase that runs, or ran last; `AwaitingApproval` while a gate waits, `Holding` while a failed sync does, `AwaitingWindow` until its window opens. */
  phase: 'SynclinePhase',
  /** How the sync ended: `Succeeded`, `Failed`, `Aborted` or `Superseded`. */
  outcome: 'SynclineOutcome',
} as const;

/** The value of the phase attribute while a sync waits for an approval. */
export const AWAITING_APPROVAL = 'AwaitingApproval';

/** The value of the phase attribute while a failed sync waits for a decision. */
export const HOLDING = 'Holding';

/** The value of the phase attribute while a sync waits for its window to open. */
export const AWAITING_WINDOW = 'AwaitingWindow';
