import type { Progress } from '../core/sync/progress.ts';

/**
 * Why an activity was told to stop. `requested`: the sync is cancelled, so its hooks are to be stopped. `left`: only this
 * attempt ends (worker shutdown, pause, reset, a missed heartbeat, a closed workflow), and a successor may own the work.
 */
export type StopCause = 'requested' | 'left';

/** What one activity attempt is given by whoever runs it: Temporal in a worker, the simulator in its tests. */
export interface ActivityRuntime {
  /** Run ID of the workflow that asked. */
  readonly run: string;
  /** Aborts when the attempt must stop. */
  readonly signal: AbortSignal;
  /** Why the signal aborted; undefined while it has not. */
  stopCause(): StopCause | undefined;
  /** Says how far the work is. Kept for a successor and shown to people. */
  heartbeat(progress: Progress): void;
  /** What an earlier attempt at this activity said last; undefined for the first. */
  readonly predecessor?: Progress;
  /** When this activity was first scheduled, ms since 1970: deadlines count from here, so that a retry does not begin them anew. */
  readonly scheduledAt: number;
  /** When this attempt of it was scheduled, ms since 1970 by Temporal's clock: tells a slow predecessor from its successor. */
  readonly attemptScheduledAt: number;
  /** Now, ms since 1970. */
  now(): number;
}
