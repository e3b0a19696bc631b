import { expect, test } from 'vitest';
import { SHORT, runChaos } from './chaos.ts';

test('whatever dies, every sync ends as an undisturbed one, and each attempt of a hook has run one Job', async () => {
  // One seed in CI, so that a change is judged by the same faults as the one before; the long runs try others.
  const seed = Number(process.env['SYNCLINE_CHAOS_SEED'] ?? 4711);
  const lines: string[] = [];
  const { violations, figures } = await runChaos({
    ...{ seed, ...SHORT },
    tell: (line) => lines.push(line),
  });
  const about = [
    `replay: npm run chaos -- --short --seed ${seed}`,
    ...violations.flatMap(({ what, timeline }) => [what, ...timeline.map((line) => `  ${line}`)]),
    ...lines,
  ].join('\n');
  expect(violations, about).toEqual([]);
  // What was not disturbed proves nothing.
  expect(figures['kill-worker'], about).toBeGreaterThan(0);
  expect(figures['hook objects that ran'], about).toBeGreaterThan(0);
});
