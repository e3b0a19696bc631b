import { dealt } from './dealing.ts';
import type { PlotName } from './plots.ts';
import { PLOTS } from './plots.ts';
import { plotted } from './plotting.ts';
import type { Schedule } from './schedule.ts';

/** What a schedule is dealt from: a number, or one of a plot (`late-prune:17`). */
export type Seed = number | `${PlotName}:${number}`;

/** Seeds in a row, `count` of them from a first one on. */
export interface Seeds {
  readonly plot: PlotName | undefined;
  readonly first: number;
  readonly count: number;
}

const NAMES = Object.keys(PLOTS) as readonly PlotName[];

/** Of a run, one schedule in so many is of a plot. */
const PLOTTED_OF = 4;

/** Makes the schedule of a seed. */
export function scheduleOf(seed: Seed): Schedule {
  const { plot, first } = seedsFrom(seed, 1);
  return plot === undefined ? dealt(first) : plotted(PLOTS[plot], first);
}

/** Reads a seed as it is written. Throws for what is none. */
export function parseSeed(text: string): Seed {
  const [, plot, digits] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (digits === undefined || (plot !== undefined && !NAMES.some((name) => name === plot)))
    throw new Error(
      `${text} is no seed: give a number, or one of a plot (${NAMES.join(', ')}), as ${NAMES[0] ?? ''}:1`,
    );
  return plot === undefined ? Number(digits) : `${plot as PlotName}:${Number(digits)}`;
}

/** A number of seeds, the first of them given: of its plot, where it has one. */
export function seedsFrom(seed: Seed, count: number): Seeds {
  if (typeof seed === 'number') return { plot: undefined, first: seed, count };
  const [plot, first] = seed.split(':') as [PlotName, string];
  return { plot, first: Number(first), count };
}

/** The seeds of a run that begins with a number: of any story, and a share of each plot. */
export function seedsOfAll(first: number, count: number): readonly Seeds[] {
  const each = Math.floor(count / (PLOTTED_OF * NAMES.length));
  const plots = NAMES.map((plot) => ({ plot, first, count: each }));
  return [{ plot: undefined, first, count: count - each * NAMES.length }, ...plots];
}

/** Every `stride`-th of some seeds, from the `offset`-th on. */
export function* every(all: readonly Seeds[], stride: number, offset: number): Generator<Seed> {
  for (const { plot, first, count } of all) {
    for (let at = offset; at < count; at += stride) yield plot === undefined ? first + at : `${plot}:${first + at}`;
  }
}
