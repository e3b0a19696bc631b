import type { PlanPlace } from './plan-place.ts';
import type { Resumed } from './resumption.ts';
import { resume } from './resumption.ts';
import type { PhaseStatus, Skip } from './status.ts';

/**
 * What is done of a plan that begins at a place: everything from there on. What stands before it is left out as if a person
 * had skipped it (`skip`), so that a retry leaves it out too. Refused where the plan has no such place.
 */
export function startFrom(phases: readonly PhaseStatus[], place: PlanPlace, skip: Skip): Resumed {
  const begun = resume(phases, { kind: 'from', place });
  if (begun.kind === 'refused') return begun;
  const marked = begun.phases.map((phase) => ({
    ...phase,
    waves: phase.waves.map((wave) => ({
      ...wave,
      steps: wave.steps.map((step) => (step.state === 'skipped' ? { ...step, skipped: skip } : step)),
    })),
  }));
  return { ...begun, phases: marked };
}
