/** When an application is synced by itself, and how such a sync stands to one that runs. */
export interface ScheduleSpec {
  /** Cron expressions: five fields, or `@daily` and its kin. Each of them counts. */
  readonly crons: readonly string[];
  /** The time zone that they are in, as `Europe/Berlin`. @default UTC */
  readonly timezone?: string;
  /** By how much a time may be put off, at random, ms, so that not all begin at once. @default 0 */
  readonly jitterMs?: number;
  /** @default 'queue': what runs ends before */
  readonly ifRunning?: 'queue' | 'supersede';
}

const NAMED = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;
const FIELD = /^[\dA-Za-z*/,?-]+$/;

/** What is wrong with a schedule, as far as it can be told without Temporal, which reads the fields. */
export function scheduleProblems({ crons, timezone, jitterMs = 0 }: ScheduleSpec): readonly string[] {
  return [
    ...(crons.length === 0 ? ['it has no cron expression'] : []),
    ...crons
      .filter((cron) => !isCron(cron))
      .map((cron) => `${JSON.stringify(cron)} is no cron expression of five fields`),
    ...(timezone === undefined || isTimezone(timezone) ? [] : [`${JSON.stringify(timezone)} is no time zone`]),
    ...(Number.isSafeInteger(jitterMs) && jitterMs >= 0 ? [] : ['its jitter is no duration']),
  ];
}

function isCron(text: string): boolean {
  if (NAMED.test(text)) return true;
  const fields = text.split(' ');
  return fields.length === 5 && fields.every((field) => FIELD.test(field));
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}
