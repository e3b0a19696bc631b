import { expect, test } from 'vitest';
import { formatLine, nextLineAt, printedLines, selectLines } from '../../sandbox/simulation/log-lines.ts';

const run = { startedAt: 1000, texts: ['a', 'b', 'c'], intervalMs: 100 };
const texts = (lines: readonly { text: string }[]) => lines.map(({ text }) => text).join('');

test('a running container has printed what was due', () => {
  expect(texts(printedLines(run, 1000))).toBe('a');
  expect(texts(printedLines(run, 1199))).toBe('ab');
  expect(texts(printedLines(run, 1200))).toBe('abc');
  expect(nextLineAt(run, 1)).toBe(1100);
  expect(nextLineAt(run, 3)).toBeUndefined();
});

test('without an interval all is printed at the start', () => {
  expect(texts(printedLines({ ...run, intervalMs: 0 }, 1000))).toBe('abc');
});

test('a container that has ended has printed everything', () => {
  const lines = printedLines({ ...run, endedAt: 1050 }, 5000);
  expect(lines.map(({ at }) => at)).toEqual([1000, 1050, 1050]);
});

test('lines are selected by time first and by number then', () => {
  const lines = printedLines(run, 9999);
  expect(texts(selectLines(lines, { sinceMs: 1100, timestamps: false }))).toBe('bc');
  expect(texts(selectLines(lines, { tailLines: 2, timestamps: false }))).toBe('bc');
  expect(texts(selectLines(lines, { sinceMs: 1200, tailLines: 2, timestamps: false }))).toBe('c');
  expect(selectLines(lines, { tailLines: 0, timestamps: false })).toEqual([]);
});

test('a timestamp has nanoseconds as a kubelet writes them', () => {
  expect(formatLine({ at: 1001, text: 'x' }, true)).toBe('1970-01-01T00:00:01.001000000Z x\n');
});
