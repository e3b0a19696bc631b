import { PHASES } from '../phases.ts';
import type { PlanPhase, PlanStep } from './plan.ts';

/** Groups steps into phases and waves in the order in which they run, keeping their order within a wave. */
export function phasesOf(steps: readonly PlanStep[]): readonly PlanPhase[] {
  return PHASES.flatMap((phase): PlanPhase[] => {
    const members = steps.filter((step) => step.phase === phase);
    const ascending = [...new Set(members.map(({ wave }) => wave))].toSorted((one, other) => one - other);
    const waves = phase === 'Delete' ? ascending.toReversed() : ascending;
    if (waves.length === 0) return [];
    return [{ phase, waves: waves.map((wave) => ({ wave, steps: members.filter((step) => step.wave === wave) })) }];
  });
}
