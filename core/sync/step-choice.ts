import { titleOf } from '../objects.ts';
import type { Phase } from '../phases.ts';
import { formatPlace, parsePlace } from './plan-place.ts';
import type { BatchStatus, HookStatus, PhaseStatus } from './status.ts';

/** A step of a status: a hook, or one batch of a wave's resources. */
export type Step = HookStatus | BatchStatus;

/** Where a step stands. */
export interface StepPlace {
  readonly phase: Phase;
  readonly wave: number;
}

/** A step that a person named: a hook, or the resources of a wave. */
export type ChosenStep = StepPlace & { readonly kind: 'chosen'; readonly step: Step };

/**
 * The step that a person names: a hook by its name (`db-migrate`), title (`Job/db-migrate`), phase and name or step ID; the
 * resources of a wave by `PHASE:WAVE`. Refused with the names there are, where none or more than one is meant.
 */
export function chooseStep(
  phases: readonly PhaseStatus[],
  name: string,
): ChosenStep | { readonly kind: 'refused'; readonly why: string } {
  const all = phases.flatMap(({ phase, waves }) =>
    waves.flatMap(({ wave, steps }) => steps.map((step): ChosenStep => ({ kind: 'chosen', step, phase, wave }))),
  );
  const found = all.filter((candidate) => isNamed(candidate, name));
  const [first] = found;
  if (first === undefined) return { kind: 'refused', why: `there is no step ${name}; there are ${namesOf(all)}` };
  const hooks = new Set(found.flatMap(({ step }) => (step.kind === 'hook' ? [step.id] : [])));
  if (hooks.size <= 1) return first;
  return { kind: 'refused', why: `${name} could be more than one step: ${[...hooks].join(', ')}` };
}

/** Whether a step is the chosen one; all batches of a wave are its resources. */
export function isChosen({ step: chosen, phase, wave }: ChosenStep, step: Step, at: StepPlace): boolean {
  if (chosen.kind === 'hook') return step.kind === 'hook' && step.id === chosen.id;
  return step.kind !== 'hook' && at.phase === phase && at.wave === wave;
}

function isNamed({ step, phase, wave }: ChosenStep, name: string): boolean {
  if (step.kind !== 'hook') {
    const place = parsePlace(name);
    return place?.phase === phase && place.wave === wave;
  }
  const title = titleOf(step.ref);
  return [step.id, step.ref.name, title, `${phase}/${step.ref.name}`, `${phase}/${title}`].includes(name);
}

function namesOf(all: readonly ChosenStep[]): string {
  const names = all.map(({ step, phase, wave }) =>
    step.kind === 'hook' ? titleOf(step.ref) : formatPlace({ phase, wave }),
  );
  return [...new Set(names)].join(', ');
}
