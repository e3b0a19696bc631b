import { expect, test } from 'vitest';
import type { ScheduleSpec } from '../../../core/triggers/schedule.ts';
import { scheduleProblems } from '../../../core/triggers/schedule.ts';

test.each<[ScheduleSpec, string | undefined]>([
  [{ crons: ['0 3 * * *'] }, undefined],
  [{ crons: ['*/15 9-17 * JAN-JUN MON-FRI', '0 0 1,15 * ?', '@daily'] }, undefined],
  [{ crons: ['0 3 * * *'], timezone: 'Europe/Berlin', jitterMs: 60_000 }, undefined],
  [{ crons: [] }, 'it has no cron expression'],
  [{ crons: ['0 3 * *'] }, '"0 3 * *" is no cron expression of five fields'],
  [{ crons: ['0 0 3 * * *'] }, 'is no cron expression'],
  [{ crons: ['* * * * * * *'] }, 'is no cron expression'],
  [{ crons: ['@every 1s'] }, 'is no cron expression'],
  [{ crons: ['TZ=UTC 0 3 * * *'] }, 'is no cron expression'],
  [{ crons: ['0 3 * * * # at night'] }, 'is no cron expression'],
  [{ crons: ['0 3 * * *'], timezone: 'Europe/Atlantis' }, '"Europe/Atlantis" is no time zone'],
  [{ crons: ['0 3 * * *'], timezone: '+02:00' }, '"+02:00" is no time zone'],
  [{ crons: ['0 3 * * *'], jitterMs: -1 }, 'its jitter is no duration'],
])('of the schedule %j is told: %s', (spec, expected) => {
  const problems = scheduleProblems(spec).join('\n');
  if (expected === undefined) expect(problems).toBe('');
  else expect(problems).toContain(expected);
});
