import type { AuditWrite } from './audit-log.ts';
import type { HookObject } from './hook-objects.ts';

/** A step of a plan as the order is judged by it. */
export interface PlannedStep {
  readonly kind: string;
  /** As in the audit log, e.g. `configmaps`. */
  readonly resource: string;
  readonly name: string;
  /** A hook that runs to an end of its own: a Job or a Pod. */
  readonly runs: boolean;
  /** Attempts that a sync may make of it by itself. */
  readonly attempts: number;
}

/** A wave of a plan, SyncFail left out. */
export interface PlannedWave {
  readonly title: string;
  readonly steps: readonly PlannedStep[];
}

/** How a sync ended, by the history of its workflow: `Succeeded`, `Failed` or `Aborted`, and the types of its failures, sorted. */
export interface Ending {
  readonly outcome: string;
  readonly failures: readonly string[];
}

/** What the history says of a hook, and the evidence that the store holds under the digest it names. */
export interface HookReport {
  readonly name: string;
  readonly state: string;
  readonly attempt: number;
  /** UID and attempt that the stored evidence names; absent where there is none. */
  readonly evidence?: { readonly uid: string; readonly attempt: number };
}

/** Objects of an application by `Kind/name`, each as a text that two runs of one bundle have in common. */
export type Snapshot = Readonly<Record<string, string>>;

/** What an undisturbed sync of the same manifests comes to. */
export interface Calm {
  readonly ending: Ending;
  readonly state: Snapshot;
}

/** What was done to a sync on purpose that may change how it ends. */
export interface Interference {
  /** Names of hook objects that were deleted from outside while it ran. */
  readonly deleted: readonly string[];
  readonly aborted: boolean;
  /** How often its workflows were reset. */
  readonly resets: number;
}

/** All that is known of one sync, from the audit log, Temporal's histories and the cluster. */
export interface SyncTrace {
  /** Says which sync, for people: application and generation. */
  readonly title: string;
  readonly application: string;
  /** Whether nothing of the application was there before. */
  readonly first: boolean;
  readonly waves: readonly PlannedWave[];
  /** Writes in its namespace from its start to the start of the next sync. */
  readonly writes: readonly AuditWrite[];
  /** The hook objects it made. */
  readonly hooks: readonly HookObject[];
  /** Absent while its workflow is open. */
  readonly ending?: Ending;
  readonly reports: readonly HookReport[];
  readonly state: Snapshot;
  readonly calm: Calm;
  readonly interference: Interference;
}
