import type { Schedule, ScheduleSummary } from '../../client/applications/schedule-view.ts';
import { renderTable } from './table.ts';
import { dayAndTime, formatDuration } from './times.ts';

/** Schedules as a table. */
export function renderSchedules(schedules: readonly ScheduleSummary[]): string {
  const titles = ['APPLICATION', 'WHEN', 'TIME ZONE', 'NEXT'];
  return renderTable(
    titles.map((title) => ({ title })),
    schedules.map((schedule) => [schedule.application, whenWords(schedule), schedule.timezone, nextWords(schedule)]),
  );
}

/** One schedule, with what became of its latest triggers. `now` is ms since 1970. */
export function renderSchedule(schedule: Schedule, now: number): string {
  const { application, timezone, ifRunning, by, note, recent } = schedule;
  const turn = ifRunning === 'queue' ? 'waits for the end of a sync that runs' : 'supersedes a sync that runs';
  const lines = [
    `${application}: ${whenWords(schedule)} (${timezone}), ${turn}; set by ${by}`,
    `next: ${nextWords(schedule)}${note === undefined ? '' : ` (${note})`}`,
    ...recent.map(({ at, workflowId, state }) => `${dayAndTime(at)}  ${STATES[state]}  ${workflowId}`),
  ];
  const failed = recent.find(({ state }) => state === 'failed');
  if (failed === undefined) return lines.join('\n');
  const ago = formatDuration(now - failed.at);
  return [...lines, `failed ${ago} ago; why: temporal workflow show --workflow-id ${failed.workflowId}`].join('\n');
}

const STATES = { running: 'runs', asked: 'put in line', failed: 'failed', unknown: 'no longer known' } as const;

function whenWords({ crons, jitterMs }: ScheduleSummary): string {
  const when = crons.length === 0 ? 'as it was changed in Temporal' : crons.join(', ');
  return jitterMs === undefined || jitterMs === 0 ? when : `${when} + up to ${formatDuration(jitterMs)}`;
}

function nextWords({ paused, nextAt }: ScheduleSummary): string {
  if (paused) return 'paused';
  return nextAt === undefined ? 'never' : dayAndTime(nextAt);
}
