import type { StandingProblem, StuckPod } from '../core/health/stuck-pods.ts';
import { standingAfter, stuckPodOf } from '../core/health/stuck-pods.ts';
import type { KubernetesObject } from '../core/objects.ts';
import type { ActivityRuntime } from './runtime.ts';

/** Follows the problems of pods over time, where a sync gives up on them after a grace period. */
export interface StuckWatch {
  /** Takes in how all pods are now. */
  note(pods: readonly KubernetesObject[]): void;
  /** The first of some of those pods whose problem has outlasted the grace period. */
  stuckOf(pods: readonly KubernetesObject[]): StuckPod | undefined;
  /** What stands, for a heartbeat; a fragment without anything where nothing does. */
  report(): { readonly standing?: readonly StandingProblem[] };
}

/** The most problems a heartbeat names. */
const MOST_REPORTED = 100;

/** Begins to follow pods; what an earlier attempt at the activity has seen stand goes on from there. */
export function watchStuckPods(runtime: ActivityRuntime, graceMs: number): StuckWatch {
  const { predecessor } = runtime;
  let standing = predecessor === undefined || predecessor.kind === 'batch' ? [] : (predecessor.standing ?? []);
  return {
    note(pods) {
      standing = standingAfter(standing, pods, { now: runtime.now(), graceMs });
    },
    stuckOf: (pods) => stuckPodOf(standing, pods, { now: runtime.now(), graceMs }),
    report: () => (standing.length === 0 ? {} : { standing: standing.slice(0, MOST_REPORTED) }),
  };
}
