import { expect, test } from 'vitest';
import { createProgressLines, describeProgress, renderProgress } from '../../programs/progress.ts';

const building = (elapsedMs: number) =>
  ({ kind: 'building', names: ['kube-apiserver'], version: '1.36.3', expectedSeconds: 290, elapsedMs }) as const;

test('a build says what, how long it may take, and how long it has taken', () => {
  expect(describeProgress(building(80_000))).toBe(
    'building kube-apiserver 1.36.3 with Go (first time only, up to 4m50s on 2 cores)… 1m20s',
  );
});

test('a log gets a line at the start and then seldom, a terminal one line that changes', () => {
  const write = (isTTY: boolean): string => {
    let text = '';
    const lines = createProgressLines({ isTTY, write: (more) => (text += more) });
    renderProgress(lines, building(0));
    renderProgress(lines, building(1000));
    renderProgress(lines, { kind: 'ready', name: 'kwok', path: '/x', source: 'build', elapsedMs: 2000 });
    return text;
  };
  expect(write(false).split('\n')).toHaveLength(3);
  expect(write(true).split('\n')).toHaveLength(3);
  expect(write(true)).toContain('… 1s\nkwok: built (/x) in 2s\n');
});

test('what costs no time is not worth a line', () => {
  let text = '';
  const lines = createProgressLines({ write: (more) => (text += more) });
  renderProgress(lines, { kind: 'looking', names: ['kwok'] });
  renderProgress(lines, { kind: 'ready', name: 'kwok', path: '/x', source: 'cache', elapsedMs: 1 });
  expect(text).toBe('');
});
