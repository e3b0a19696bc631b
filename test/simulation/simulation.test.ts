import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { runInProcesses } from './processes.ts';
import type { Seed, Seeds } from './schedules/seeds.ts';
import { seedsFrom, seedsOfAll } from './schedules/seeds.ts';

/** How many schedules a run of this project takes; `npm run simulate` takes as many as it is told. */
const SCHEDULES = 100_000;

/** The cores of a CI machine. */
const PROCESSES = 2;

/** Where the seed that finds a mutant has changed: how many to try. */
const MUTANT_SCHEDULES = 10_000;

describe('a hundred thousand schedules', () => {
  it('break no invariant', async () => {
    const simulation = { seeds: seedsOfAll(1, SCHEDULES), processes: PROCESSES, untilBroken: true };
    const { schedules, violations } = await runInProcesses(simulation);
    expect(violations, 'npm run simulate -- --seed SEED tells what happened').toEqual([]);
    expect(schedules).toBe(SCHEDULES);
  });
});

describe('a step of the protocol that is taken away', () => {
  it.each(MUTANTS)('stands in the code: $name', ({ changes }) => {
    for (const { file, from } of changes) {
      const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      expect(text.split(from), `${file}: ${from}`).toHaveLength(2);
    }
  });

  const found = MUTANTS.flatMap(({ name, found: seed }) => (seed === undefined ? [] : [{ name, seed }]));
  it.concurrent.each(found)('is found: $name', async ({ name: mutant, seed }) => {
    const simulation = { processes: 1, untilBroken: true, mutant };
    const known = await runInProcesses({ ...simulation, seeds: [seedsFrom(seed, 1)] });
    if (known.violations.length > 0) return;
    const { violations } = await runInProcesses({ ...simulation, seeds: searchedFor(seed) });
    expect(violations).not.toEqual([]);
  });
});

/** Where a mutant is looked for that its seed does not find any more: in the same plot, or among all schedules. */
function searchedFor(seed: Seed): readonly Seeds[] {
  const { plot } = seedsFrom(seed, 1);
  return plot === undefined ? seedsOfAll(1, MUTANT_SCHEDULES) : [{ plot, first: 1, count: MUTANT_SCHEDULES }];
}
