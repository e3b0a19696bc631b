import type { Phase } from '../phases.ts';
import { PHASES } from '../phases.ts';

/** A place in a plan: a phase from its first wave, or one wave of it. */
export interface PlanPlace {
  readonly phase: Phase;
  readonly wave?: number;
}

/** Reads `PHASE` or `PHASE:WAVE`, the phase in any case; undefined for anything else. */
export function parsePlace(text: string): PlanPlace | undefined {
  const [, name, wave] = /^([A-Za-z]+)(?::(-?\d{1,9}))?$/.exec(text) ?? [];
  const phase = PHASES.find((known) => known.toLowerCase() === name?.toLowerCase());
  if (phase === undefined) return undefined;
  return wave === undefined ? { phase } : { phase, wave: Number(wave) };
}

/** A place as people write it: `PreSync:0`. */
export function formatPlace({ phase, wave }: PlanPlace): string {
  return wave === undefined ? phase : `${phase}:${String(wave)}`;
}

/** Whether a wave stands before a place. A deletion's phase of objects runs its waves backwards and is never begun in its middle. */
export function standsBefore(place: PlanPlace, phase: Phase, wave: number): boolean {
  const order = PHASES.indexOf(phase) - PHASES.indexOf(place.phase);
  return order < 0 || (order === 0 && wave < (place.wave ?? -Infinity));
}
