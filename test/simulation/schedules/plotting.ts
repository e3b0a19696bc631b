import type { Random } from '../engine/random.ts';
import { randomOf } from '../engine/random.ts';
import { hooksOf, syncsOf } from './casting.ts';
import type { Act, Plot } from './plots.ts';
import type { Disturbance, HookSpec, Schedule, SyncSpec } from './schedule.ts';
import { MACHINES, SYNC_STEPS } from './weights.ts';

/** Deals a schedule of a plot: its acts, one of the ways each may go, and now and then a machine that fails besides. */
export function plotted(plot: Plot, seed: number): Schedule {
  const random = randomOf(seed);
  const acts = plot.acts.map((act, index) => disturbanceOf(random, act, index));
  const machines = Array.from({ length: random.chance(0.3) ? 1 : 0 }, (): Disturbance => {
    const step = 1 + random.below(SYNC_STEPS * plot.syncs);
    return { step, kind: random.pick(MACHINES), choice: random.below(1 << 30) };
  });
  return {
    seed,
    temper: { persistence: random.pick([0, 0.3, 0.6, 0.9]), haste: random.pick([0, 0, 0.02, 0.1]) },
    hooks: hooksIn(random, plot),
    syncs: syncsIn(random, plot),
    gated: false,
    plansAtOnce: true,
    disturbances: [...acts, ...machines],
  };
}

function disturbanceOf(random: Random, { kinds, upon, during, until }: Act, index: number): Disturbance {
  const kind = random.pick(kinds);
  const moment = upon === undefined ? undefined : random.pick(upon);
  return {
    step: 0,
    kind,
    choice: random.below(1 << 30),
    ...(index === 0 ? {} : { inTurn: true }),
    ...(moment === undefined ? {} : { upon: moment }),
    ...(during === undefined ? {} : { during: random.pick(during) }),
    ...(until === undefined || kind !== 'hold-back' ? {} : { until: random.pick(until) }),
  };
}

function hooksIn(random: Random, plot: Plot): readonly HookSpec[] {
  const [first, ...others] = hooksOf(random, plot, { gated: false, isAimed: false });
  if (first === undefined) return others;
  const { runs, retries } = plot;
  const told = runs === undefined ? first : { ...first, runs: random.pick(runs) };
  return [retries === undefined ? told : { ...told, retries }, ...others];
}

function syncsIn(random: Random, plot: Plot): readonly SyncSpec[] {
  return syncsOf(random, plot, false).map((sync, index) => {
    const wide = plot.wide?.[index] ?? sync.wide;
    if (index !== 1 || plot.begins === undefined) return { ...sync, wide };
    return { ...sync, wide, start: { kind: 'upon', moment: random.pick(plot.begins), times: 1 } };
  });
}
