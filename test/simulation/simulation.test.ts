import { describe, expect, it } from 'vitest';
import { runInProcesses } from './processes.ts';

/** How many schedules a run of this project takes; `npm run simulate` takes as many as it is told. */
const SCHEDULES = 100_000;

/** The cores of a CI machine. */
const PROCESSES = 2;

describe('a hundred thousand schedules', () => {
  it('break no invariant', async () => {
    const simulation = { first: 1, schedules: SCHEDULES, processes: PROCESSES, untilBroken: true };
    const { schedules, violations } = await runInProcesses(simulation);
    expect(violations, 'npm run simulate -- --seed SEED tells what happened').toEqual([]);
    expect(schedules).toBe(SCHEDULES);
  });
});
