import { expect, test } from 'vitest';
import { faultPlan } from '../../chaos/faults/fault-plan.ts';

const KINDS = [
  ...['abort', 'close-watches', 'cut-api-server', 'delete-hook', 'kill-worker', 'reset-phase', 'reset-root'],
  ...['restart-api-server', 'restart-temporal', 'stop-worker', 'weather'],
];

test('a seed makes the same faults for ever, and another seed makes others', () => {
  expect(faultPlan(7, 60_000, 1_000)).toEqual(faultPlan(7, 60_000, 1_000));
  expect(faultPlan(8, 60_000, 1_000)).not.toEqual(faultPlan(7, 60_000, 1_000));
});

test.each([1, 2, 3])('each kind happens in a plan that is long enough, in the order of time (seed %i)', (seed) => {
  const plan = faultPlan(seed, 30_000, 1_000);
  expect([...new Set(plan.map(({ fault }) => fault.kind))].sort()).toEqual(KINDS);
  expect(plan.map(({ at }) => at)).toEqual(plan.map(({ at }) => at).sort((a, b) => a - b));
  expect(plan.every(({ at }) => at < 30_000)).toBe(true);
});

test('no plan refuses every write with a 409', () => {
  const faults = Array.from({ length: 20 }, (_, seed) => faultPlan(seed, 300_000, 1_000)).flat();
  const refusals = faults.flatMap(({ fault }) =>
    fault.kind === 'weather' && fault.weather.kind === 'answers' ? [fault.weather] : [],
  );
  expect(refusals.some(({ code }) => code === 409)).toBe(true);
  expect(refusals.filter(({ code, every }) => code === 409 && every === 1)).toEqual([]);
});
