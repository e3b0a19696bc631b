import { expect, test } from 'vitest';
import { renderSchedule, renderSchedules } from '../../../cli/render/schedules.ts';
import type { Schedule } from '../../../client/applications/schedule-view.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const aSchedule = (change: Partial<Schedule> = {}): Schedule => ({
  ...{ application: 'shop', cluster: 'prod', crons: ['0 3 * * *', '@weekly'], timezone: 'UTC', paused: false },
  ...{ ifRunning: 'queue', by: 'ana', nextAt: NOW + 3_600_000, recent: [] },
  ...change,
});

test('a schedule says when it comes, what it does where a sync runs, and who has set it', () => {
  expect(renderSchedule(aSchedule(), NOW)).toMatch(
    /^shop: 0 3 \* \* \*, @weekly \(UTC\), waits for the end of a sync that runs; set by ana\nnext: 2026-11-25 \d\d:00$/,
  );
  expect(renderSchedule(aSchedule({ ifRunning: 'supersede' }), NOW)).toContain('supersedes a sync that runs');
});

test('a schedule whose trigger has failed says where to look', () => {
  const recent = [
    { at: NOW - 60_000, workflowId: 'trigger/prod/shop/2', state: 'asked' },
    { at: NOW - 120_000, workflowId: 'trigger/prod/shop/1', state: 'failed' },
  ] as const;
  const shown = renderSchedule(aSchedule({ recent }), NOW);
  expect(shown).toMatch(/put in line {2}trigger\/prod\/shop\/2\n.*failed {2}trigger\/prod\/shop\/1\n/);
  expect(shown).toContain('failed 2m ago; why: temporal workflow show --workflow-id trigger/prod/shop/1');
});

test('a list says which schedules are paused, and which were changed in Temporal', () => {
  const { nextAt: _, ...never } = aSchedule({ crons: [], jitterMs: 60_000 });
  const [, paused, changed] = renderSchedules([aSchedule({ paused: true }), never]).split('\n');
  expect(paused).toMatch(/shop +0 3 \* \* \*, @weekly +UTC +paused/);
  expect(changed).toMatch(/as it was changed in Temporal \+ up to 1m +UTC +never/);
});
