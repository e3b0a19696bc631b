import { titleOf } from '../objects.ts';
import type { Phase } from '../phases.ts';
import type { PlanPlace } from './plan-place.ts';
import { formatPlace, standsBefore } from './plan-place.ts';
import type { PhaseStatus, Skip, StepState, WaveStatus } from './status.ts';
import type { Step, StepPlace } from './step-choice.ts';
import { chooseStep, isChosen } from './step-choice.ts';

/** How a sync that did not succeed is to go on. */
export type Resumption =
  /** At the step that failed. */
  | { readonly kind: 'failed-step' }
  /** At the step that failed, with one passed over. */
  | { readonly kind: 'skip'; readonly step: string; readonly skip: Skip }
  /** With everything from a place on, also what has succeeded; what stands before it is left out. */
  | { readonly kind: 'from'; readonly place: PlanPlace }
  /** With one step alone, also if it has succeeded. */
  | { readonly kind: 'only'; readonly step: string }
  /** With everything, also what has succeeded. */
  | { readonly kind: 'restart' };

/** What remains to be done of a plan. */
export interface Remainder {
  /** The plan's phases: parts that have succeeded or are skipped are not done (again), all others are pending. */
  readonly phases: readonly PhaseStatus[];
  /** Whether successes of before do not count: a hook that is run again is a new attempt. */
  readonly again: boolean;
  /** What has not succeeded and is left out, for people: `Sync wave 0 (3 objects)`. */
  readonly leftOut: readonly string[];
}

/** What remains, or why a sync can't go on so. */
export type Resumed = ({ readonly kind: 'resumed' } & Remainder) | { readonly kind: 'refused'; readonly why: string };

/**
 * Where a sync goes on, from what became of its steps. Whatever did not succeed is done (again); SyncFail begins anew, since
 * it answers to the next failure.
 */
export function resume(phases: readonly PhaseStatus[], resumption: Resumption): Resumed {
  const syncFail = phases.filter((phase) => !isOfSync(phase)).map(anew);
  const standing = phases.filter(isOfSync).map(normalised);
  const then = (next: readonly PhaseStatus[], again: boolean, leftOut: readonly string[] = []): Resumed => ({
    kind: 'resumed',
    phases: [...next.map(settled), ...syncFail],
    again,
    leftOut,
  });
  switch (resumption.kind) {
    case 'failed-step':
      if (!standing.every(isDone)) return then(standing, false);
      return { kind: 'refused', why: 'every step has succeeded, so nothing is left to retry' };
    case 'skip':
      return skip(standing, resumption, then);
    case 'from':
      return from(standing, resumption.place, then);
    case 'only':
      return only(standing, resumption.step, then);
    case 'restart':
      return then(standing.map(anew), true);
  }
}

/** Whether a part of a plan is not to be done (again). */
export function isDone({ state }: { readonly state: StepState }): boolean {
  return state === 'succeeded' || state === 'skipped';
}

type Then = (phases: readonly PhaseStatus[], again: boolean, leftOut?: readonly string[]) => Resumed;

function isOfSync({ phase }: PhaseStatus): boolean {
  return phase !== 'SyncFail';
}

function skip(
  standing: readonly PhaseStatus[],
  asked: { readonly step: string; readonly skip: Skip },
  then: Then,
): Resumed {
  const chosen = chooseStep(standing, asked.step);
  if (chosen.kind === 'refused') return chosen;
  if (isDone(chosen.step)) {
    return { kind: 'refused', why: `${asked.step} has ${chosen.step.state} already, so it can't be skipped` };
  }
  const skipped = (step: Step): Step => ({ ...step, state: 'skipped', skipped: asked.skip });
  return then(
    mapSteps(standing, (step, at) => (isChosen(chosen, step, at) && !isDone(step) ? skipped(step) : step)),
    false,
  );
}

function from(standing: readonly PhaseStatus[], place: PlanPlace, then: Then): Resumed {
  const waves = standing.find(({ phase }) => phase === place.phase)?.waves ?? [];
  if (!waves.some(({ wave }) => place.wave === undefined || wave === place.wave)) {
    const places = standing.flatMap(({ phase, waves: all }) => all.map(({ wave }) => formatPlace({ phase, wave })));
    return { kind: 'refused', why: `the plan has no ${formatPlace(place)}; it has ${places.join(', ')}` };
  }
  const isBefore = (phase: Phase, { wave }: WaveStatus) => standsBefore(place, phase, wave);
  const phases = standing.map((phase) => ({
    ...phase,
    waves: phase.waves.map((wave) => (isBefore(phase.phase, wave) ? passedOver(wave) : anewWave(wave))),
  }));
  return then(
    phases,
    true,
    titles(standing, (phase, wave) => isBefore(phase, wave) && !isDone(wave)),
  );
}

function only(standing: readonly PhaseStatus[], name: string, then: Then): Resumed {
  const chosen = chooseStep(standing, name);
  if (chosen.kind === 'refused') return chosen;
  const phases = mapSteps(standing, (step, at) => {
    if (isChosen(chosen, step, at)) return anewStep(step);
    return isDone(step) ? step : { ...step, state: 'skipped' };
  });
  const holdsIt = (phase: Phase, { wave, steps }: WaveStatus) =>
    steps.some((step) => isChosen(chosen, step, { phase, wave }));
  return then(
    phases,
    true,
    titles(standing, (phase, wave) => !isDone(wave) && !holdsIt(phase, wave)),
  );
}

/** What a phase has come to, as far as it counts for what follows. */
function normalised(phase: PhaseStatus): PhaseStatus {
  const waves = phase.waves.map((wave): WaveStatus => {
    const state = wave.state === 'succeeded' ? wave.state : 'pending';
    return { ...wave, state, steps: wave.steps.map(keptOrAnew) };
  });
  return settled({ ...phase, waves });
}

/** A closed sync calls skipped what it never came to: only what a person has skipped stays so. */
function keptOrAnew(step: Step): Step {
  return step.state === 'succeeded' || step.skipped !== undefined ? step : anewStep(step);
}

/** States of waves and of the phase as they follow from their parts. A wave whose steps are done may yet lack its health. */
function settled(phase: PhaseStatus): PhaseStatus {
  const waves = phase.waves.map((wave) => {
    if (wave.state === 'skipped' || wave.steps.every(({ state }) => state === 'skipped'))
      return withoutTimes({ ...wave, state: 'skipped' as const });
    return wave.state === 'succeeded' && wave.steps.every(isDone)
      ? wave
      : withoutTimes({ ...wave, state: 'pending' as const });
  });
  if (!waves.every(isDone)) return withoutTimes({ ...phase, state: 'pending' as const, waves });
  return { ...phase, state: waves.every(({ state }) => state === 'skipped') ? 'skipped' : 'succeeded', waves };
}

function passedOver(wave: WaveStatus): WaveStatus {
  if (isDone(wave)) return wave;
  const steps = wave.steps.map((step): Step => (isDone(step) ? step : { ...step, state: 'skipped' }));
  return { ...wave, state: 'skipped', steps };
}

function anew(phase: PhaseStatus): PhaseStatus {
  return withoutTimes({ ...phase, state: 'pending' as const, waves: phase.waves.map(anewWave) });
}

function anewWave(wave: WaveStatus): WaveStatus {
  return withoutTimes({ ...wave, state: 'pending' as const, steps: wave.steps.map(anewStep) });
}

function anewStep(step: Step): Step {
  const { skipped: _skipped, ...rest } = step;
  if (rest.kind !== 'hook') return { ...rest, state: 'pending' };
  const { kind, id, ref, deadlineMs, guarantee, retries } = rest;
  return { kind, id, ref, deadlineMs, guarantee, state: 'pending', ...(retries === undefined ? {} : { retries }) };
}

type Timed = { readonly startedAt?: number; readonly finishedAt?: number };

function withoutTimes<Part extends Timed>({
  startedAt: _started,
  finishedAt: _finished,
  ...part
}: Part): Omit<Part, keyof Timed> {
  return part;
}

function mapSteps(phases: readonly PhaseStatus[], change: (step: Step, at: StepPlace) => Step): readonly PhaseStatus[] {
  return phases.map(({ phase, waves, ...rest }) => ({
    ...rest,
    phase,
    waves: waves.map((wave) => ({
      ...wave,
      steps: wave.steps.map((step) => change(step, { phase, wave: wave.wave })),
    })),
  }));
}

function titles(
  phases: readonly PhaseStatus[],
  isMeant: (phase: Phase, wave: WaveStatus) => boolean,
): readonly string[] {
  return phases.flatMap(({ phase, waves }) =>
    waves
      .filter((wave) => isMeant(phase, wave))
      .map((wave) => `${phase} wave ${String(wave.wave)} (${contents(wave)})`),
  );
}

function contents({ steps }: WaveStatus): string {
  const objects = steps.reduce((sum, step) => sum + (step.kind === 'hook' ? 0 : step.count), 0);
  const hooks = steps.flatMap((step) => (step.kind === 'hook' ? [titleOf(step.ref)] : []));
  return [...(objects === 0 ? [] : [objects === 1 ? '1 object' : `${String(objects)} objects`]), ...hooks].join(', ');
}
