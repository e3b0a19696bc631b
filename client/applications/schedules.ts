import { randomUUID } from 'node:crypto';
import { ScheduleNotFoundError, WorkflowFailedError } from '@temporalio/client';
import type { ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import { failure, SynclineError } from '../../core/failures.ts';
import { scheduleIdOf, triggerIdOf } from '../../core/markers.ts';
import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import type { ScheduleSpec } from '../../core/triggers/schedule.ts';
import { scheduleProblems } from '../../core/triggers/schedule.ts';
import type { Trigger, TriggerOutcome } from '../../core/triggers/trigger.ts';
import type { triggerSync } from '../../workflows/index.ts';
import type { Applications, ClusterOptions } from './applications.ts';
import { describeRun } from '../connection/describe-run.ts';
import { NotFound } from '../errors.ts';
import type { ApplicationNames } from '../line/line.ts';
import type { ScheduleSummary, Schedule } from './schedule-view.ts';
import { scheduleOf, summaryOf } from './schedule-view.ts';
import { putSchedule } from './schedule-writing.ts';
import { failuresIn } from './trigger-outcome.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';
import { checkApplication, checkCluster } from '../starting/validation.ts';

/** Whose schedule, and who asks, for the record. */
export interface ScheduleOptions extends ClusterOptions {
  readonly by: string;
}

/** The schedules by which kept applications are synced; one an application. */
export interface Schedules {
  /** Sets the schedule of a kept application, in the place of an earlier one, which stays paused where it was. Throws `InvalidRequest` for one that can't be, and `NotFound` where no such application is kept. */
  set(application: string, spec: ScheduleSpec, options: ScheduleOptions): Promise<void>;
  /** Throws `NotFound` where there is none. */
  get(application: string, options: ClusterOptions): Promise<Schedule>;
  /** Those of a cluster, by application. */
  list(options: ClusterOptions): Promise<readonly ScheduleSummary[]>;
  /** Lets no sync begin until it is resumed. Throws `NotFound`. */
  pause(application: string, options: ScheduleOptions & { readonly reason?: string }): Promise<void>;
  /** Throws `NotFound`. */
  resume(application: string, options: ScheduleOptions): Promise<void>;
  /** Does now what the schedule does at its time, paused or not, and says what became of it. Throws the failures of what can't be rendered, and `NotFound`. */
  trigger(application: string, options: ScheduleOptions): Promise<TriggerOutcome>;
  /** Throws `NotFound`. */
  delete(application: string, options: ClusterOptions): Promise<void>;
}

/** The schedules that a Temporal keeps. */
export function schedulesOf(temporal: Temporal, applications: Pick<Applications, 'get'>): Schedules {
  const ask = askingFor(temporal);
  return {
    async set(application, spec, options) {
      checkApplication(application);
      const { cluster, by, signal = never() } = options;
      const [problem] = scheduleProblems(spec);
      if (problem !== undefined) throw wrong(application, problem);
      await applications.get(application, options);
      await putSchedule(temporal, { application, cluster }, spec, by, signal);
    },
    get: async (application, options) => {
      const description = await ask(application, options, (handle) => handle.describe());
      return scheduleOf(description, (workflowId) => stateOfRun(temporal, workflowId, options.signal ?? never()));
    },
    list: ({ cluster, signal = never() }) => {
      checkCluster(cluster);
      return listSchedules(temporal, cluster, signal);
    },
    pause: (application, options) => {
      const { by, reason } = options;
      return ask(application, options, (handle) => handle.pause(reason === undefined ? by : `${by}: ${reason}`));
    },
    resume: (application, options) => ask(application, options, (handle) => handle.unpause(options.by)),
    trigger: async (application, options) => {
      const description = await ask(application, options, (handle) => handle.describe());
      return triggerNow(temporal, description, { ...options, application });
    },
    delete: (application, options) => ask(application, options, (handle) => handle.delete()),
  };
}

/** Asks Temporal something of the schedule of an application. Throws `NotFound` where there is none. */
function askingFor(temporal: Temporal) {
  return async <T>(
    application: string,
    { cluster, signal = never() }: ClusterOptions,
    request: (handle: ScheduleHandle) => Promise<T>,
  ): Promise<T> => {
    checkApplication(application);
    checkCluster(cluster);
    const handle = temporal.client.schedule.getHandle(scheduleIdOf(cluster, application));
    return call(temporal, { signal }, () => request(handle)).catch((error: unknown) => {
      throw error instanceof ScheduleNotFoundError ? noSchedule({ application, cluster }) : error;
    });
  };
}

async function listSchedules(
  temporal: Temporal,
  cluster: string,
  signal: AbortSignal,
): Promise<readonly ScheduleSummary[]> {
  const found: ScheduleSummary[] = [];
  await call(temporal, { signal, timeoutMs: 20_000 }, async () => {
    for await (const summary of temporal.client.schedule.list({ pageSize: 200 })) {
      const schedule = summaryOf(summary);
      if (schedule?.cluster === cluster) found.push(schedule);
    }
  });
  return found.sort((a, b) => a.application.localeCompare(b.application));
}

/** The state of a run, as Temporal has it; undefined where it knows it no more. */
async function stateOfRun(temporal: Temporal, workflowId: string, signal: AbortSignal): Promise<string | undefined> {
  return (await describeRun(temporal, { workflowId }, signal))?.status.name;
}

async function triggerNow(
  temporal: Temporal,
  { action }: ScheduleDescription,
  { cluster, application, by, signal = never() }: ScheduleOptions & ApplicationNames,
): Promise<TriggerOutcome> {
  const kept = (action.args as readonly [Trigger]).at(0);
  if (kept?.cause.kind !== 'schedule') throw wrong(application, 'it was changed in Temporal to start something else');
  const trigger: Trigger = { ...kept, cause: { ...kept.cause, by } };
  try {
    return await call(temporal, { signal }, () =>
      temporal.client.workflow.execute<typeof triggerSync>('triggerSync', {
        workflowId: triggerIdOf(cluster, application, `by-hand-${randomUUID()}`),
        taskQueue: SYNC_QUEUE,
        args: [trigger],
        staticSummary: `${application} · schedule, by hand`,
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw new SynclineError(failuresIn(error), { cause: error });
  }
}

function wrong(application: string, problem: string): SynclineError {
  return failure('InvalidRequest', `the schedule of ${application} can't be: ${problem}`, {
    remedy: 'set it anew, e.g. with --cron "0 3 * * *" --timezone Europe/Berlin',
  });
}

function noSchedule({ application, cluster }: ApplicationNames): NotFound {
  return new NotFound(`${application} has no schedule in cluster ${cluster}`, {
    remedy: `set one with: syncline schedule set ${application} --cron "0 3 * * *"`,
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}
