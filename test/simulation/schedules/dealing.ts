import type { Random } from '../engine/random.ts';
import { randomOf } from '../engine/random.ts';
import { hooksOf, syncsOf } from './casting.ts';
import type { Disturbance, Schedule } from './schedule.ts';
import type { Story } from './stories.ts';
import { DECIDED, UNDECIDED } from './stories.ts';
import { CALLS, MACHINES, MOMENTS, PLAN_STEPS, SYNC_STEPS, WRITES } from './weights.ts';

/** Deals a schedule of any story. */
export function dealt(seed: number): Schedule {
  const random = randomOf(seed);
  const story = random.pick(random.chance(0.5) ? UNDECIDED : DECIDED);
  const plansAtOnce = random.chance(0.9);
  const length = (plansAtOnce ? SYNC_STEPS - PLAN_STEPS : SYNC_STEPS) * (story.servers === 2 ? 1.3 : story.syncs);
  const isAimed = random.chance(0.5);
  const disturbances = isAimed ? aimedAt(random, story, length) : scattered(random, story, length);
  const gated = story.waits === 'gate' && random.chance(0.3);
  return {
    seed,
    temper: { persistence: random.pick([0, 0.3, 0.6, 0.9]), haste: random.pick([0, 0.02, 0.1]) },
    hooks: hooksOf(random, story, { gated, isAimed }),
    syncs: syncsOf(random, story, isAimed),
    gated,
    plansAtOnce,
    disturbances: disturbances.toSorted((a, b) => a.step - b.step),
  };
}

/** Many disturbances, at any time. */
function scattered(random: Random, { people }: Story, length: number): readonly Disturbance[] {
  const machines = Array.from({ length: random.below(5) }, () => random.pick(MACHINES));
  return [...people, ...machines].map((kind) => {
    const disturbance = { step: random.below(length), kind, choice: random.below(1 << 30) };
    return random.chance(0.5) ? { ...disturbance, during: random.pick(WRITES) } : disturbance;
  });
}

/** A few disturbances, each timed by what else happens: somebody is held back at a request until something has happened, or a person acts just then. */
function aimedAt(random: Random, { people }: Story, length: number): readonly Disturbance[] {
  const machines = Array.from({ length: random.below(3) }, () => random.pick(MACHINES));
  const stops = Array.from({ length: 1 + random.below(2) }, () => 'hold-back' as const);
  return [...people, ...machines, ...stops].map((kind) => {
    const step = random.chance(0.4) ? 0 : random.below(length);
    const disturbance = { step, kind, choice: random.below(1 << 30) };
    if (kind === 'hold-back') return { ...disturbance, ...heldBack(random) };
    const upon = random.chance(0.3) ? 'hold back' : random.pick(MOMENTS);
    return {
      ...disturbance,
      ...(random.chance(0.6) ? { upon } : {}),
      ...(random.chance(0.5) ? { during: random.pick(WRITES) } : {}),
    };
  });
}

/** At which request somebody is held back, until when: often until somebody else has made the same. */
function heldBack(random: Random): Pick<Disturbance, 'upon' | 'during' | 'until'> {
  const during = random.pick(CALLS);
  const until = random.chance(0.25) ? during : random.pick(MOMENTS);
  return { during, until, ...(random.chance(0.15) ? { upon: random.pick(MOMENTS) } : {}) };
}
