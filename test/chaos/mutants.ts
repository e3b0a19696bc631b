import type { Mutant } from '../simulation/mutants.ts';
import { mutantNamed } from '../simulation/mutants.ts';

/** Safeguards that no schedule of the simulator can take away: it does not look at the order. */
const MUTANTS: readonly Mutant[] = [
  {
    name: 'all waves are one',
    changes: [
      {
        file: 'core/plan/grouping.ts',
        from: 'waves.map((wave) => ({ wave, steps: members.filter((step) => step.wave === wave) }))',
        to: 'waves.slice(0, 1).map((wave) => ({ wave, steps: members }))',
      },
    ],
  },
];

/** A mutant for the chaos test: one of its own, or one of the simulator's. Throws where there is none. */
export function chaosMutant(name: string): Mutant {
  return MUTANTS.find((mutant) => mutant.name === name) ?? mutantNamed(name);
}
