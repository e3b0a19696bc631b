import type { ScheduleOptions, ScheduleUpdateOptions } from '@temporalio/client';
import { ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import { failure } from '../../core/failures.ts';
import { scheduleIdOf, triggerIdOf } from '../../core/markers.ts';
import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import type { ScheduleSpec } from '../../core/triggers/schedule.ts';
import type { Trigger } from '../../core/triggers/trigger.ts';
import type { triggerSync } from '../../workflows/index.ts';
import { attributesOfApplication } from '../../workflows/sync-description.ts';
import type { ApplicationNames } from '../line/line.ts';
import { indexedOrNot } from '../starting/start.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

/** A trigger that comes while the one before still renders waits for it; a third one would do nothing more. */
const OVERLAP = 'BUFFER_ONE';

/** What Temporal has missed is made up for within this time; a nightly sync should not begin in the middle of the day. */
const CATCH_UP = '1 hour';

/** Makes the schedule of an application, or changes it where there is one. Throws `InvalidRequest` for what Temporal can't read. */
export async function putSchedule(
  temporal: Temporal,
  names: ApplicationNames,
  spec: ScheduleSpec,
  by: string,
  signal: AbortSignal,
): Promise<void> {
  const { schedule } = temporal.client;
  const scheduleId = scheduleIdOf(names.cluster, names.application);
  const cause = { kind: 'schedule', by, ifRunning: spec.ifRunning ?? 'queue' } as const;
  const trigger: Trigger = { version: 1, ...names, cause, indexed: true };
  const put = async (given: Trigger): Promise<void> => {
    const options = optionsOf(given, spec);
    try {
      await schedule.create({ ...options, scheduleId });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const changed = ({ state }: { readonly state: ScheduleUpdateOptions['state'] }) => ({ ...options, state });
      await schedule.getHandle(scheduleId).update(changed);
    }
  };
  try {
    await indexedOrNot(trigger, (given) => call(temporal, { signal }, () => put(given)));
  } catch (error) {
    // So Temporal's client tells of an argument that its server does not take.
    if (!(error instanceof TypeError)) throw error;
    throw failure('InvalidRequest', `the schedule of ${names.application} can't be: ${error.message}`, {
      remedy: 'correct the cron expression or the time zone',
    });
  }
}

function optionsOf(trigger: Trigger, spec: ScheduleSpec): Omit<ScheduleOptions, 'scheduleId' | 'state' | 'memo'> {
  const { crons, timezone = 'UTC', jitterMs } = spec;
  const { cluster, application, indexed } = trigger;
  return {
    spec: {
      // Temporal keeps the calendar that it reads out of an expression, and the expression only as the comment on it.
      cronExpressions: crons.map((cron) => `${cron} #${cron}`),
      timezone,
      ...(jitterMs === undefined ? {} : { jitter: jitterMs }),
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'triggerSync',
      args: [trigger] satisfies Parameters<typeof triggerSync>,
      taskQueue: SYNC_QUEUE,
      workflowId: triggerIdOf(cluster, application, 'schedule'),
      staticSummary: `${application} · schedule`,
      ...(indexed ? { typedSearchAttributes: attributesOfApplication(cluster, application) } : {}),
    },
    policies: { overlap: OVERLAP, catchupWindow: CATCH_UP },
  };
}

/** Removes the schedule of an application that is no more, where it has one. */
export async function forgetSchedule(
  temporal: Temporal,
  { cluster, application }: ApplicationNames,
  signal: AbortSignal,
): Promise<void> {
  const handle = temporal.client.schedule.getHandle(scheduleIdOf(cluster, application));
  await call(temporal, { signal }, () => handle.delete()).catch((error: unknown) => {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  });
}
