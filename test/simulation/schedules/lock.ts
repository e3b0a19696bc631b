import type { ActivityRuntime } from '../../../activities/runtime.ts';
import { reasonOf } from '../../../kubernetes/pause.ts';
import { answerOrThrow } from '../../../worker/activity-errors.ts';
import type { QueueActivities } from '../../../workflows/activities.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { currentProcess } from '../engine/scheduler.ts';
import type { TemporalServer } from '../temporal/server.ts';

/** What the wait of a line is given. */
export type AwaitInput = Parameters<QueueActivities['awaitEnd']>[0];

/** The line's wait for its lock, which a worker asks Temporal for: until the run that is open when it is asked has closed. */
export async function awaitEnd(
  temporal: TemporalServer,
  { workflowId }: AwaitInput,
  runtime: ActivityRuntime,
  scheduler: Scheduler,
): Promise<unknown> {
  const caller = currentProcess.getStore();
  const open = temporal.openRun(workflowId);
  if (open === undefined || caller === undefined) return undefined;
  const { signal } = runtime;
  try {
    await new Promise<void>((resolve, reject) => {
      temporal.onClosed(open, () => scheduler.soon(caller, 'hears of the end of', open.runId, resolve));
      signal.addEventListener('abort', () => reject(reasonOf(signal)), { once: true });
    });
    return undefined;
  } catch (error) {
    return answerOrThrow(error, runtime);
  }
}
