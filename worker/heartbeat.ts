import type { ActivityRuntime } from '../activities/runtime.ts';
import type { Progress } from '../core/sync/progress.ts';

/** How often an activity that says nothing new is said to live, ms. */
const INTERVAL_MS = 2_000;

/** The same where a worker runs many activities: half the workflow's heartbeat time-out, ms. */
const LONGEST_INTERVAL_MS = 6_000;

/**
 * The heartbeats a second that a worker aims at. Each is a write of Temporal's under the lock of its workflow: a thousand
 * hooks that wait would else keep it from starting the next one.
 */
const MOST_PER_SECOND = 100;

/** A batch reports each object; more heartbeats than this are only work, ms. */
const LEAST_MS = 250;

/** Runs an activity's body, which says in its heartbeats what it does. */
export type Heartbeating = <Answer>(
  runtime: ActivityRuntime,
  body: (runtime: ActivityRuntime) => Promise<Answer>,
) => Promise<Answer>;

/**
 * Makes the heartbeats of one worker: what is new is said at once, and the last one is repeated while a body is busy, so that
 * a slow request to the cluster is not taken for a dead worker. The more activities run, the longer the pause between
 * repetitions, from 2 to 6 s.
 */
export function heartbeats(): Heartbeating {
  let running = 0;
  const intervalMs = (): number =>
    Math.min(LONGEST_INTERVAL_MS, Math.max(INTERVAL_MS, (running / MOST_PER_SECOND) * 1_000));
  return async (runtime, body) => {
    running += 1;
    const pulse = pulseOf(runtime, intervalMs);
    try {
      return await body({ ...runtime, heartbeat: pulse.beat });
    } finally {
      running -= 1;
      pulse.stop();
    }
  };
}

interface Pulse {
  readonly beat: (progress: Progress) => void;
  readonly stop: () => void;
}

function pulseOf(runtime: ActivityRuntime, intervalMs: () => number): Pulse {
  let last: Progress = runtime.predecessor ?? { kind: 'batch', done: 0, total: 0 };
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  let saidAt = -Infinity;
  const say = (): void => {
    clearTimeout(timer);
    timer = setTimeout(say, intervalMs());
    said = JSON.stringify(last);
    saidAt = runtime.now();
    runtime.heartbeat(last);
  };
  timer = setTimeout(say, intervalMs());
  return {
    beat: (progress) => {
      last = progress;
      const isNew = JSON.stringify(progress) !== said;
      if (isNew && (progress.kind !== 'batch' || runtime.now() - saidAt >= LEAST_MS)) say();
    },
    stop: () => clearTimeout(timer),
  };
}
