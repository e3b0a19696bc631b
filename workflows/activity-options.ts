import type { ActivityOptions } from '@temporalio/workflow';
import type { SyncRequest } from '../core/sync/request.ts';
import { HOOK_QUEUE, SYNC_QUEUE } from '../core/sync/queues.ts';

/** How long a worker may be silent before its work is given to another. */
const HEARTBEAT_TIMEOUT = '12 seconds';

/** What is tried again and again: workers die and clusters restart, so attempts are not counted, only time is. */
const RETRY = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '15 seconds' } as const;

/** Activities that work: plan, claim, apply, clean up. A cluster that does not answer for this long fails the sync. */
export const WORK_OPTIONS: ActivityOptions = {
  taskQueue: SYNC_QUEUE,
  startToCloseTimeout: '15 minutes',
  scheduleToCloseTimeout: '30 minutes',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: RETRY,
};

/** How long each step is tried that ends a sync which was stopped, ms. */
const STOP_MS = 2 * 60_000;

/** Activities that end a sync which was stopped: given up soon, also when the cluster does not answer. */
export function stopOptions({ options }: SyncRequest): ActivityOptions {
  const limitMs = options.stopWithinMs ?? STOP_MS;
  return { ...WORK_OPTIONS, startToCloseTimeout: limitMs / 2, scheduleToCloseTimeout: limitMs };
}

/** The wait for a sync to end: as long as that takes, whatever becomes of workers. */
export const LOCK_OPTIONS: ActivityOptions = {
  taskQueue: HOOK_QUEUE,
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: RETRY,
};

/** Questions to Temporal on which a line depends: asked until they are answered. */
export const LOOK_OPTIONS: ActivityOptions = {
  taskQueue: SYNC_QUEUE,
  startToCloseTimeout: '1 minute',
  cancellationType: 'TRY_CANCEL',
  retry: RETRY,
};

/** Answers to a person who waits for them. */
export const CONSULTATION_OPTIONS: ActivityOptions = {
  taskQueue: SYNC_QUEUE,
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '30 seconds',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: 'TRY_CANCEL',
  retry: RETRY,
};

/** What an activity needs beyond the wait it performs: deleting a predecessor, evidence, and a worker's death or two. */
const MARGIN_MS = 30 * 60_000;

/** Activities that wait for a hook or for health, up to their own deadline, which they keep themselves. */
export function waitOptions(deadlineMs: number): ActivityOptions {
  return {
    taskQueue: HOOK_QUEUE,
    startToCloseTimeout: deadlineMs + MARGIN_MS,
    scheduleToCloseTimeout: deadlineMs + MARGIN_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: RETRY,
  };
}

/** Deliveries to a target that may be away for hours; what is older than that is no news. */
export const DELIVERY_OPTIONS: ActivityOptions = {
  taskQueue: SYNC_QUEUE,
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '6 hours',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '5 minutes' },
};
