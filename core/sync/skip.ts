import type { PhaseStatus, Skip } from './status.ts';

/** Who has skipped a step, and why: `by ada: done by hand`. */
export function describeSkip({ by, reason }: Skip): string {
  return reason === undefined ? `by ${by}` : `by ${by}: ${reason}`;
}

/** How many objects of a sync, its hooks among them, a person has skipped. */
export function skippedObjects(phases: readonly PhaseStatus[]): number {
  const steps = phases.flatMap(({ waves }) => waves.flatMap((wave) => wave.steps));
  return steps
    .filter(({ skipped }) => skipped !== undefined)
    .reduce((sum, step) => sum + (step.kind === 'hook' ? 1 : step.count), 0);
}
