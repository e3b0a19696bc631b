import type { ActivityRuntime } from '../activities/runtime.ts';
import type { Progress } from '../core/sync/progress.ts';

/** How often an activity that says nothing is said to live, ms. Well inside the workflow's heartbeat time-out. */
const INTERVAL_MS = 3_000;

/** A batch reports each object; more heartbeats than this are only work, ms. */
const LEAST_MS = 250;

/**
 * Runs an activity's body and repeats its last heartbeat while it is busy, so that a slow request to the cluster is not
 * taken for a dead worker.
 */
export async function heartbeating<Answer>(
  runtime: ActivityRuntime,
  body: (runtime: ActivityRuntime) => Promise<Answer>,
): Promise<Answer> {
  let last: Progress = runtime.predecessor ?? { kind: 'batch', done: 0, total: 0 };
  let saidAt = 0;
  const beat = (progress: Progress) => {
    last = progress;
    if (progress.kind === 'batch' && runtime.now() - saidAt < LEAST_MS) return;
    saidAt = runtime.now();
    runtime.heartbeat(progress);
  };
  const timer = setInterval(() => {
    runtime.heartbeat(last);
  }, INTERVAL_MS);
  try {
    return await body({ ...runtime, heartbeat: beat });
  } finally {
    clearInterval(timer);
  }
}
