import type { Schedule } from './schedules/schedule.ts';
import { simulate } from './simulate.ts';

/** The smallest schedule, by leaving things out one by one, that still breaks an invariant. */
export async function shrunk(schedule: Schedule): Promise<Schedule> {
  for (const smaller of smallerThan(schedule)) {
    if ((await simulate(smaller)).broken.length > 0) return shrunk(smaller);
  }
  return schedule;
}

function* smallerThan(schedule: Schedule): Generator<Schedule> {
  const { disturbances, hooks, syncs, temper } = schedule;
  for (const left of disturbances) yield { ...schedule, disturbances: disturbances.filter((one) => one !== left) };
  if (syncs.length > 1) yield { ...schedule, syncs: syncs.slice(0, -1) };
  if (hooks.length > 1) yield { ...schedule, hooks: hooks.slice(0, -1) };
  if (temper.haste > 0) yield { ...schedule, temper: { ...temper, haste: 0 } };
  if (temper.persistence < 0.9) yield { ...schedule, temper: { ...temper, persistence: 0.9 } };
}
