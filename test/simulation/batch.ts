import { scheduleOf } from './schedules/dealing.ts';
import { simulate } from './simulate.ts';

/** Seeds to run: every `stride`-th from `first` on, below `end`. */
export interface Batch {
  readonly first: number;
  readonly end: number;
  readonly stride: number;
  /** Whether to stop at the first violation. */
  readonly untilBroken: boolean;
  readonly mutant?: string;
}

/** A seed whose schedule breaks an invariant. */
export interface Violation {
  readonly seed: number;
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
  readonly violations: number;
}

/** How many schedules pass until a batch tells how far it has come. */
const TELLS_EACH = 500;

/** Runs a batch in this process. `tell` is told of its progress. */
export async function runBatch(
  { first, end, stride, untilBroken }: Batch,
  tell: (progress: Progress) => void,
): Promise<BatchResult> {
  const violations: Violation[] = [];
  let schedules = 0;
  let steps = 0;
  for (let seed = first; seed < end; seed += stride) {
    const course = await simulate(scheduleOf(seed));
    schedules += 1;
    steps += course.steps;
    if (course.broken.length > 0) violations.push({ seed, broken: course.broken });
    if (violations.length > 0 && untilBroken) break;
    if (schedules % TELLS_EACH === 0) tell({ schedules, violations: violations.length });
  }
  return { schedules, steps, violations };
}
