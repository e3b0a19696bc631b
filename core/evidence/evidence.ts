import type { ObjectRef } from '../objects.ts';

/** How much of one container's log is kept: the last lines and, of these, the last bytes of UTF-8. */
export const EVIDENCE_LIMITS: LogLimits = { maxLines: 500, maxBytes: 64 * 1024 };

/** Limits of a log's tail. */
export interface LogLimits {
  readonly maxLines: number;
  readonly maxBytes: number;
}

/** The end of a log. */
export interface LogTail {
  readonly lines: readonly string[];
  /** How many lines there were before anything was left out, where that is known. */
  readonly total?: number;
  /** Whether something is missing from the beginning. */
  readonly truncated: boolean;
}

/** One container of a hook's pod, as it was when the attempt settled. */
export interface ContainerEvidence {
  readonly pod: string;
  readonly container: string;
  readonly init: boolean;
  /** What it was doing, in words: `exit code 1`, `waiting: ImagePullBackOff`, `running`. */
  readonly state: string;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly log: LogTail;
}

/** One event about a hook's object or its pods. */
export interface EventEvidence {
  /** When it was last seen, RFC 3339. */
  readonly at: string;
  /** `Normal` or `Warning`. */
  readonly type: string;
  readonly reason: string;
  /** The object it is about, as `Pod/db-migrate-x7k2p`. */
  readonly object: string;
  readonly message: string;
  readonly count: number;
}

/**
 * What is kept of one attempt of a hook once its objects are gone. All texts are redacted before they come here, so that
 * evidence holds no value of the application's Secrets.
 */
export interface HookEvidence {
  readonly version: 1;
  readonly hook: ObjectRef;
  /** UID of the attempt's object; empty where none was ever created. */
  readonly uid: string;
  /** Counts from 1. */
  readonly attempt: number;
  readonly outcome: 'succeeded' | 'failed' | 'aborted';
  /** Why, in a sentence. */
  readonly message: string;
  /** RFC 3339. */
  readonly capturedAt: string;
  readonly containers: readonly ContainerEvidence[];
  readonly events: readonly EventEvidence[];
}
