import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import { msOptionalToNumber } from '@temporalio/common/lib/time.js';
import type { ActivityRuntime, StopCause } from '../../../activities/runtime.ts';
import type { Process, Scheduler } from '../engine/scheduler.ts';
import { currentProcess, processOf } from '../engine/scheduler.ts';
import type { Outcome, Run } from './run.ts';
import { syncIdOf } from './run.ts';
import type { Command } from './workflow-api.ts';

type ActivityCommand = Extract<Command, { kind: 'activity' }>;

/** An activity that was scheduled: attempts follow one another until one has answered. */
export interface Activity {
  readonly server: string;
  readonly run: Run;
  readonly command: ActivityCommand;
  readonly scheduledAt: number;
  readonly done: (outcome: Outcome) => void;
  attempts: number;
  current: Attempt | undefined;
  cancelRequested: boolean;
  over: boolean;
  /** Calls the end of its time off. */
  inTime: () => void;
}

/** One attempt: code that runs, whether or not the server still counts on it. */
export interface Attempt {
  readonly activity: Activity;
  readonly process: Process;
  readonly runtime: ActivityRuntime;
  /** Ends the attempt's signal for a cause. */
  stop(cause: StopCause): void;
  /** Whether its worker can't reach the server any more: it is never told that it is on its own. */
  cutOff: boolean;
  /** Whether its answer gets lost on its way. */
  mute: boolean;
  /** Whether its code has ended. */
  ended: boolean;
}

/** What runs the attempts of activities, and disturbs them. */
export interface ActivityPool {
  schedule(server: string, run: Run, command: ActivityCommand, done: (outcome: Outcome) => void): Activity;
  /** Asks the running attempt to stop; ends the activity at once where none runs. */
  cancel(activity: Activity): void;
  /** Its workflow is closed: nobody waits for it, and a running attempt is on its own. */
  abandon(activity: Activity): void;
  /** The server has missed the heartbeats of an attempt: another follows, and this one is on its own. */
  giveUp(attempt: Attempt): void;
  /** The worker dies: the attempt's code never goes on, and the server notices in time. */
  die(attempt: Attempt, dropsRequests: boolean): void;
  /** Attempts whose code has not ended. */
  alive(): readonly Attempt[];
}

/** Performs an activity; throws what Temporal is told. */
export type Perform = (server: string, type: string, input: unknown, runtime: ActivityRuntime) => Promise<unknown>;

const SERVER = processOf('temporal');

/** The heartbeat timeout of every activity here, and how soon a heartbeat is answered, ms. */
const HEARTBEAT_MS = 12_000;
const ANSWER_MS = 1_000;

/** Makes the workers of all servers. */
export function activityPool(scheduler: Scheduler, perform: Perform): ActivityPool {
  const alive = new Set<Attempt>();

  function begin(activity: Activity): void {
    if (activity.over) return;
    activity.attempts += 1;
    const attempt = attemptOf(activity, scheduler);
    activity.current = attempt;
    alive.add(attempt);
    const { server, command } = activity;
    const code = currentProcess.run(attempt.process, () =>
      perform(server, command.type, command.input, attempt.runtime),
    );
    code.then(
      (value) => ended(attempt, { ok: true, value }),
      (error: unknown) => ended(attempt, { ok: false, error: error as Error }),
    );
  }

  function ended(attempt: Attempt, outcome: Outcome): void {
    attempt.ended = true;
    alive.delete(attempt);
    if (attempt.mute) {
      missed(attempt);
      return;
    }
    scheduler.soon(
      attempt.process,
      outcome.ok ? 'answers' : 'fails',
      outcome.ok ? outcome.value : outcome.error.message,
      () => {
        if (attempt.activity.current === attempt) answered(attempt.activity, outcome);
      },
    );
  }

  function answered(activity: Activity, outcome: Outcome): void {
    activity.current = undefined;
    if (outcome.ok) {
      finish(activity, outcome);
      return;
    }
    const { error } = outcome;
    if (error instanceof CancelledFailure) {
      finish(activity, failed(activity, error));
      return;
    }
    const retryable = !(error instanceof ApplicationFailure && error.nonRetryable === true);
    if (!retryable || activity.cancelRequested) {
      finish(activity, failed(activity, error));
      return;
    }
    retry(activity, error);
  }

  function retry(activity: Activity, last: Error): void {
    const { command, scheduledAt } = activity;
    const backoff = Math.min(15_000, 500 * 2 ** (activity.attempts - 1));
    const limit = msOptionalToNumber(command.options.scheduleToCloseTimeout) ?? Infinity;
    if (scheduler.now() + backoff >= scheduledAt + limit) {
      finish(activity, failed(activity, last));
      return;
    }
    scheduler.later(backoff, SERVER, 'retries', command.type, () => begin(activity));
  }

  function finish(activity: Activity, outcome: Outcome): void {
    if (activity.over) return;
    activity.over = true;
    activity.inTime();
    activity.done(outcome);
  }

  /** The server hears no more of an attempt. */
  function missed(attempt: Attempt): void {
    scheduler.later(HEARTBEAT_MS, SERVER, 'misses heartbeats of', attempt.process.name, () => giveUp(attempt));
  }

  function giveUp(attempt: Attempt): void {
    const { activity } = attempt;
    if (activity.current !== attempt || activity.over) return;
    activity.current = undefined;
    tellLater(attempt, 'left');
    const timeout = new TimeoutFailure('activity Heartbeat timeout', undefined, TimeoutType.HEARTBEAT);
    if (activity.cancelRequested) finish(activity, failed(activity, timeout));
    else retry(activity, timeout);
  }

  /** A heartbeat is answered a moment later, where the server can be reached. */
  function tellLater(attempt: Attempt, cause: StopCause): void {
    if (attempt.ended || attempt.cutOff) return;
    scheduler.later(ANSWER_MS, attempt.process, 'hears that it must stop:', cause, () => attempt.stop(cause));
  }

  return {
    schedule(server, run, command, done) {
      const activity: Activity = {
        server,
        run,
        command,
        scheduledAt: scheduler.now(),
        done,
        attempts: 0,
        current: undefined,
        cancelRequested: false,
        over: false,
        inTime: () => undefined,
      };
      scheduler.soon(SERVER, 'starts', command.type, () => begin(activity));
      const limit = msOptionalToNumber(command.options.scheduleToCloseTimeout);
      if (limit !== undefined) {
        activity.inTime = scheduler.later(limit, SERVER, 'ends the time of', command.type, () => {
          if (activity.over) return;
          const { current } = activity;
          activity.current = undefined;
          if (current !== undefined) tellLater(current, 'left');
          const timeout = new TimeoutFailure(
            'activity ScheduleToClose timeout',
            undefined,
            TimeoutType.SCHEDULE_TO_CLOSE,
          );
          finish(activity, failed(activity, timeout));
        });
      }
      return activity;
    },
    cancel(activity) {
      if (activity.over || activity.cancelRequested) return;
      activity.cancelRequested = true;
      if (activity.current === undefined) finish(activity, failed(activity, new CancelledFailure('cancelled')));
      else tellLater(activity.current, 'requested');
    },
    abandon(activity) {
      activity.over = true;
      activity.inTime();
      if (activity.current !== undefined) tellLater(activity.current, 'left');
      activity.current = undefined;
    },
    giveUp,
    die(attempt, dropsRequests) {
      alive.delete(attempt);
      scheduler.kill(attempt.process, dropsRequests);
      missed(attempt);
    },
    alive: () => [...alive],
  };
}

function attemptOf(activity: Activity, scheduler: Scheduler): Attempt {
  const controller = new AbortController();
  let cause: StopCause | undefined;
  const { run, command, attempts, scheduledAt } = activity;
  return {
    activity,
    process: processOf(`${run.runId} ${command.type} #${String(attempts)}`, syncIdOf(run)),
    runtime: {
      run: run.runId,
      signal: controller.signal,
      stopCause: () => cause,
      heartbeat: () => undefined,
      scheduledAt,
      attemptScheduledAt: scheduler.now(),
      now: () => scheduler.now(),
    },
    stop(why) {
      if (cause !== undefined) return;
      cause = why;
      controller.abort(new DOMException(`stopped: ${why}`, 'AbortError'));
    },
    cutOff: false,
    mute: false,
    ended: false,
  };
}

function failed({ command }: Activity, cause: Error): Outcome {
  const error = new ActivityFailure(
    `activity ${command.type} failed`,
    command.type,
    '1',
    RetryState.RETRY_POLICY_NOT_SET,
    'worker',
    cause,
  );
  return { ok: false, error };
}
