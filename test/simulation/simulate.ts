import { INVARIANTS } from './invariants.ts';
import { disturb } from './schedules/disturbing.ts';
import type { Schedule } from './schedules/schedule.ts';
import type { World } from './schedules/world.ts';
import { worldOf } from './schedules/world.ts';

/** What a schedule came to. */
export interface Course {
  readonly broken: readonly string[];
  readonly steps: number;
}

/** More steps than any schedule needs. */
const MOST_STEPS = 6_000;

/** Lets a schedule take its course, sweeps when all is over, and judges it. */
export async function simulate(schedule: Schedule, tell?: (text: string) => void): Promise<Course> {
  const world = worldOf(schedule);
  const { scheduler } = world;
  // Workflow code asks the clock of its sandbox, as in Temporal.
  Date.now = () => scheduler.now();
  scheduler.tell = tell;
  disturb(world);
  const ended = (await toTheEnd(world)) && (await scheduler.run(MOST_STEPS));
  const broken = Object.entries(INVARIANTS).flatMap(([name, brokenBy]) =>
    brokenBy(world).map((how) => `${name}: ${how}`),
  );
  return { broken: ended ? broken : [...broken, 'every schedule ends: it went on and on'], steps: scheduler.steps() };
}

async function toTheEnd(world: World): Promise<boolean> {
  if (!(await world.scheduler.run(MOST_STEPS))) return false;
  world.scheduler.beforeStep = () => false;
  world.nextFate = undefined;
  // Sweeps are repeated each minute, and an outage lasts less.
  world.outages.splice(0);
  world.sweep(0);
  world.sweep(1);
  return true;
}
