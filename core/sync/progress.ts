import type { StandingProblem } from '../health/stuck-pods.ts';
import type { ObjectRef } from '../objects.ts';

/**
 * What a running activity says of itself in its heartbeats. Heartbeats are seen by anyone who can describe the
 * workflow, so they hold no log lines and nothing of a manifest's values.
 */
export type Progress = HookProgress | HealthProgress | BatchProgress;

/** A hook that is waited for. */
export interface HookProgress {
  readonly kind: 'hook';
  readonly id: string;
  readonly uid: string;
  readonly attempt: number;
  /** When the hook was released, ms since 1970. */
  readonly since: number;
  /** What its newest pod does: `pod db-migrate-x7k Running`. */
  readonly state: string;
  /** A problem that will not pass by itself, e.g. `Unschedulable`, with the cluster's words. */
  readonly problem?: ReportedProblem;
  /** The newest event, in one line. */
  readonly lastEvent?: string;
  readonly pod?: { readonly namespace: string; readonly name: string };
  /** Problems of its pods, for whoever goes on in the place of this worker; where a grace period is set. */
  readonly standing?: readonly StandingProblem[];
}

/** A problem in the cluster's words; `since` in ms since 1970. */
export interface ReportedProblem {
  readonly reason: string;
  readonly message: string;
  readonly since?: number;
}

/** Resources whose health is waited for. */
export interface HealthProgress {
  readonly kind: 'health';
  readonly since: number;
  readonly healthy: number;
  readonly total: number;
  /** At most five that are not healthy yet. */
  readonly waiting: readonly UnhealthyObject[];
  /** As `HookProgress.standing`. */
  readonly standing?: readonly StandingProblem[];
}

/** An object whose health is waited for. */
export interface UnhealthyObject {
  readonly ref: ObjectRef;
  readonly status: string;
  readonly message: string;
  /** What keeps its pods from running. */
  readonly problem?: ReportedProblem;
}

/** Resources that are being applied or pruned. */
export interface BatchProgress {
  readonly kind: 'batch';
  readonly done: number;
  readonly total: number;
}
