import type { Seed, Seeds } from './schedules/seeds.ts';
import { every, scheduleOf } from './schedules/seeds.ts';
import { simulate } from './simulate.ts';

/** Seeds to run: every `stride`-th of them, from the `offset`-th on. */
export interface Batch {
  readonly seeds: readonly Seeds[];
  readonly stride: number;
  readonly offset: number;
  /** Whether to stop at the first violation. */
  readonly untilBroken: boolean;
  readonly mutant?: string;
}

/** A seed whose schedule breaks an invariant. */
export interface Violation {
  readonly seed: Seed;
  readonly broken: readonly string[];
}

/** What a batch came to. */
export interface BatchResult {
  readonly schedules: number;
  readonly steps: number;
  readonly violations: readonly Violation[];
}

/** How far a batch has come. */
export interface Progress {
  readonly schedules: number;
  readonly violations: readonly Violation[];
}

/** How many schedules pass until a batch tells how far it has come. */
const TELLS_EACH = 500;

/** Runs a batch in this process. `tell` is told of its progress. */
export async function runBatch(
  { seeds, stride, offset, untilBroken }: Batch,
  tell: (progress: Progress) => void,
): Promise<BatchResult> {
  const violations: Violation[] = [];
  let schedules = 0;
  let steps = 0;
  for (const seed of every(seeds, stride, offset)) {
    const course = await simulate(scheduleOf(seed));
    schedules += 1;
    steps += course.steps;
    if (course.broken.length > 0) violations.push({ seed, broken: course.broken });
    if (violations.length > 0 && untilBroken) break;
    if (schedules % TELLS_EACH === 0) tell({ schedules, violations });
  }
  return { schedules, steps, violations };
}
