/**
 * `npm run simulate -- --schedules 1000000 --seed 1 [--processes 2] [--mutant NAME] [--all]`: schedules of any story, a share of them of
 * each plot; of one plot alone with one of its seeds (`late-prune:1`).
 */
import { parseArgs } from 'node:util';
import type { Progress, Violation } from './batch.ts';
import { runInProcesses } from './processes.ts';
import type { Seed } from './schedules/seeds.ts';
import { parseSeed, scheduleOf, seedsFrom, seedsOfAll } from './schedules/seeds.ts';
import { shrunk } from './shrinking.ts';
import { simulate } from './simulate.ts';

/** How often it is told how far a run has come, ms. */
const TELLS_EACH_MS = 10_000;

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: '2' },
    mutant: { type: 'string' },
    all: { type: 'boolean', default: false },
    'as-it-is': { type: 'boolean', default: false },
  },
});

const first = parseSeed(values.seed);
const schedules = Number(values.schedules);
if (schedules === 1) await replay(first);
else await runAll();

async function runAll(): Promise<void> {
  const began = performance.now();
  const { mutant } = values;
  const processes = Number(values.processes);
  const seeds = typeof first === 'number' ? seedsOfAll(first, schedules) : [seedsFrom(first, schedules)];
  const simulation = { seeds, processes, untilBroken: !values.all, tell: progressOf(began) };
  const result = await runInProcesses(mutant === undefined ? simulation : { ...simulation, mutant });
  const seconds = (performance.now() - began) / 1000;
  const rate = (result.schedules / seconds).toFixed(0);
  const length = (result.steps / result.schedules).toFixed(0);
  process.stdout.write(
    `${String(result.schedules)} schedules from seed ${String(first)} in ${seconds.toFixed(1)} s (${rate}/s, ${length} steps each)\n`,
  );
  for (const violation of result.violations) process.stdout.write(wordsOf(violation));
  if (result.violations.length > 0) {
    process.stdout.write(`see one take its course: npm run simulate -- --seed ${String(result.violations[0]?.seed)}\n`);
    process.exitCode = 1;
  }
}

function wordsOf({ seed, broken }: Violation): string {
  return `seed ${String(seed)}: ${broken.join('\n  ')}\n`;
}

/** Tells how far a run has come, and each violation as soon as it is known: a long run may never come to its end. */
function progressOf(began: number): (progress: Progress) => void {
  let told = began;
  const known = new Set<Seed>();
  return ({ schedules: done, violations }) => {
    const fresh = violations.filter(({ seed }) => !known.has(seed));
    for (const violation of fresh) process.stderr.write(wordsOf(violation));
    for (const { seed } of fresh) known.add(seed);
    const now = performance.now();
    if (now - told < TELLS_EACH_MS) return;
    told = now;
    const seconds = (now - began) / 1000;
    const left = (seconds * (schedules - done)) / done;
    process.stderr.write(
      `${String(done)} of ${String(schedules)} schedules in ${seconds.toFixed(0)} s, some ${left.toFixed(0)} s left, ${String(violations.length)} violations\n`,
    );
  };
}

/** Lets one seed take its course again, with as little as still breaks what it breaks, and tells what happened. */
async function replay(seed: Seed): Promise<void> {
  const schedule = scheduleOf(seed);
  const { broken } = await simulate(schedule);
  const told = broken.length === 0 || values['as-it-is'] ? schedule : await shrunk(schedule);
  process.stdout.write(`${JSON.stringify(told, undefined, 2)}\n`);
  const course = await simulate(told, (text) => process.stdout.write(`${text}\n`));
  process.stdout.write(course.broken.length === 0 ? 'nothing broken\n' : `broken:\n  ${course.broken.join('\n  ')}\n`);
  if (course.broken.length > 0) process.exitCode = 1;
}
