import { expect, test } from 'vitest';
import { clockTime, dayAndTime, formatDuration, formatElapsed } from '../../../cli/render/times.ts';

test.each([
  [-5, '0s'],
  [0, '0s'],
  [40, '0.1s'],
  [420, '0.4s'],
  [1_000, '1s'],
  [59_400, '59s'],
  [59_600, '1m'],
  [111_000, '1m51s'],
  [1_800_000, '30m'],
  [3_900_000, '1h05m'],
  [86_400_000, '24h'],
  [2 * 86_400_000 + 3 * 3_600_000, '2d3h'],
])('%i ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test('what ticks shows whole seconds', () => expect(formatElapsed(1_999)).toBe('1s'));

test('records have the day and the local time', () => {
  const moment = new Date(2026, 10, 20, 9, 5, 3).getTime();
  expect([dayAndTime(moment), clockTime(moment)]).toEqual(['2026-11-20 09:05', '09:05:03']);
});
