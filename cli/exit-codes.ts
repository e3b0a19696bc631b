/** What the command's exit codes mean. They are part of the API: scripts decide by them. */
export const EXIT = {
  /** It was done; a sync succeeded, or was accepted where `--detach` is given. */
  succeeded: 0,
  /** The sync failed, or could not begin because another one runs. */
  failed: 1,
  /** Wrong usage, or manifests that are invalid. */
  invalid: 2,
  /** The sync was aborted. */
  aborted: 3,
  /** The server, Temporal, its worker or the cluster can't be reached. */
  unreachable: 4,
  /** The time to wait is over; the sync goes on. */
  waitTimedOut: 5,
  /** `diff`: the cluster differs from the manifests. */
  differs: 6,
  /** The sync was superseded: it gave way to a newer one, which goes on. */
  superseded: 7,
  /** Ctrl-C ended the watching, as shells have it; the sync goes on. */
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
