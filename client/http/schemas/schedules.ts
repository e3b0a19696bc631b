import { z } from 'zod';
import { failure, label, moment, shortText } from './vocabulary.ts';

const version = z.literal(1);
const ifRunning = z
  .enum(['queue', 'supersede'])
  .describe('Where a sync runs: wait for its end, or let it end at its next safe point.');

/** When an application is to be synced. */
export const scheduleOrder = z
  .strictObject({
    crons: z
      .array(z.string().max(200))
      .min(1)
      .max(20)
      .describe('Cron expressions of five fields, or `@daily` and its kin.'),
    timezone: z.string().max(100).exactOptional().describe('E.g. `Europe/Berlin`; UTC.'),
    jitterMs: z.int().min(0).max(86_400_000).exactOptional().describe('By how much a time may be put off, at random.'),
    ifRunning: ifRunning.exactOptional(),
  })
  .meta({ id: 'ScheduleOrder' });

/** An order to let no sync begin for now. */
export const pauseOrder = z.strictObject({ reason: shortText.exactOptional() }).meta({ id: 'PauseOrder' });

const summary = {
  ...{ application: label(50), cluster: label(63) },
  crons: z.array(z.string()),
  timezone: z.string(),
  jitterMs: z.number().exactOptional(),
  paused: z.boolean(),
  note: z.string().exactOptional().describe('Who has paused or resumed it, and why.'),
  nextAt: moment.exactOptional(),
};

/** The schedules of a cluster. */
export const scheduleList = z
  .object({ version, schedules: z.array(z.object(summary).meta({ id: 'ScheduleSummary' })) })
  .meta({ id: 'ScheduleList' });

/** A schedule. */
export const schedule = z
  .object({
    version,
    ...summary,
    ifRunning,
    by: z.string().describe('Who has set it.'),
    recent: z
      .array(
        z.object({
          ...{ at: moment, workflowId: z.string() },
          state: z
            .enum(['running', 'asked', 'failed', 'unknown'])
            .describe('`asked`: its sync was put in line; `failed`: its workflow tells why.'),
        }),
      )
      .describe('Its latest triggers, newest first.'),
  })
  .meta({ id: 'Schedule' });

/** What became of a trigger. */
export const triggerOutcome = z
  .object({
    version,
    outcome: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('asked'), syncId: z.string(), revision: z.string(), bundle: z.string() }),
      z.object({ kind: z.literal('unchanged'), revision: z.string(), bundle: z.string(), why: z.string() }),
      z.object({ kind: z.literal('known') }),
      z.object({ kind: z.literal('failed'), failures: z.array(failure) }),
    ]),
  })
  .meta({ id: 'TriggerOutcome' });
