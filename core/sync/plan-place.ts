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
