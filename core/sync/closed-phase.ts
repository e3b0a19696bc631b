import type { PhaseStatus, StepState } from './status.ts';

/** A phase of a sync that has closed: what it never came to is skipped. */
export function closedPhase(phase: PhaseStatus): PhaseStatus {
  const waves = phase.waves.map((wave) => ({ ...orSkipped(wave), steps: wave.steps.map(orSkipped) }));
  return { ...orSkipped(phase), waves };
}

function orSkipped<Part extends { readonly state: StepState }>(part: Part): Part {
  return part.state === 'pending' ? { ...part, state: 'skipped' } : part;
}
