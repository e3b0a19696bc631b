import type { Phase } from '../phases.ts';
import type { HookStatus, PhaseStatus, StepState, SyncState, SyncStatus } from './status.ts';

/** What changes in a hook's standing. */
export type HookChange = Pick<
  HookStatus,
  'state' | 'attempt' | 'startedAt' | 'finishedAt' | 'message' | 'skipped' | 'evidence' | 'nextAt'
>;

/** One step in the course of a sync; `at` is when it was taken, ms since 1970. A step of a wave is named by its index in the wave. */
export type TimelineEntry =
  | { readonly kind: 'sync'; readonly at: number; readonly state: SyncState }
  | { readonly kind: 'warning'; readonly at: number; readonly message: string }
  | { readonly kind: 'phase'; readonly at: number; readonly phase: Phase; readonly state: StepState }
  | PhaseEntry
  | OmittedEntries;

/** Stands for entries of a phase that were too many to be kept; `at` is when the first of them was taken. */
export interface OmittedEntries {
  readonly kind: 'omitted';
  readonly at: number;
  readonly phase: Phase;
  readonly count: number;
}

/** One step in the course of a phase. */
export type PhaseEntry = { readonly at: number; readonly phase: Phase; readonly wave: number } & (
  | { readonly kind: 'wave'; readonly state: StepState }
  | { readonly kind: 'batch'; readonly step: number; readonly state: StepState }
  | { readonly kind: 'hook'; readonly step: number; readonly change: HookChange }
);

/** A part of a timeline, as the `timeline` query answers it. */
export interface TimelinePart {
  /** The entries from the index that was asked for. */
  readonly entries: readonly TimelineEntry[];
  /** The index to go on at, where there are more than one answer holds; absent for none. */
  readonly next?: number;
  /** The phase that runs, whose own workflow knows what happens in it; `since` in ms since 1970. */
  readonly running?: { readonly phase: Phase; readonly since: number };
  /** Run ID of the last phase's workflow whose entries are among those of the sync; absent for none. */
  readonly lastRun?: string;
}

/**
 * How much of a timeline somebody has seen: so many entries of the sync's own up to the last of them, and so many of phases after
 * it. The sync takes a phase's entries in when the phase's workflow is over; a position is the same whether an entry was read before
 * that or after.
 */
export interface Position {
  readonly own: number;
  readonly phase: number;
}

/** Where a timeline begins. */
export const BEGINNING: Position = { own: 0, phase: 0 };

/** An entry, and the position after it. */
export interface Told {
  readonly entry: TimelineEntry;
  readonly position: Position;
}

/** Whether what is at one position comes after another. */
export function isAfter(position: Position, other: Position): boolean {
  return position.own === other.own ? position.phase > other.phase : position.own > other.own;
}

/** What is to be read next of a timeline, and what was found before that. */
export interface Reading {
  readonly told: readonly Told[];
  readonly position: Position;
  /** The index from which the entries of the phase that runs are not known yet. */
  readonly runningFrom: number;
}

/** What the sync's own entries from index `position.own` on tell that is new. */
export function takenAfter(position: Position, entries: readonly TimelineEntry[]): Reading {
  const told: Told[] = [];
  let at: Position = { own: position.own, phase: 0 };
  for (const [index, entry] of entries.entries()) {
    at = isOfPhase(entry) ? { ...at, phase: at.phase + countOf(entry) } : { own: position.own + index + 1, phase: 0 };
    if (isAfter(at, position)) told.push({ entry: newIn(entry, at, position), position: at });
  }
  const now = isAfter(at, position) ? at : position;
  return { told, position: now, runningFrom: now.phase - at.phase };
}

/** What the entries of the phase that runs, from `runningFrom` on, tell. */
export function runningAfter({ position }: Reading, entries: readonly TimelineEntry[]): readonly Told[] {
  return entries.map((entry, index) => ({ entry, position: { ...position, phase: position.phase + index + 1 } }));
}

/** Whether an entry is one that a phase has kept. */
function isOfPhase(entry: TimelineEntry): entry is PhaseEntry | OmittedEntries {
  return entry.kind === 'wave' || entry.kind === 'batch' || entry.kind === 'hook' || entry.kind === 'omitted';
}

function countOf(entry: TimelineEntry): number {
  return entry.kind === 'omitted' ? entry.count : 1;
}

/** Who has read some of what was left out since, while the phase ran, misses the rest alone. */
function newIn(entry: TimelineEntry, at: Position, position: Position): TimelineEntry {
  if (entry.kind !== 'omitted' || at.own !== position.own) return entry;
  return { ...entry, count: Math.min(entry.count, at.phase - position.phase) };
}

/** What a sync keeps of a change of its status; changes within phases are theirs. */
export function syncEntries(before: SyncStatus | undefined, after: SyncStatus, at: number): readonly TimelineEntry[] {
  const phases = after.phases.filter(
    ({ phase, state }) => state !== (before?.phases.find((known) => known.phase === phase)?.state ?? 'pending'),
  );
  const ended = after.state !== before?.state ? [{ kind: 'sync', at, state: after.state } as const] : [];
  return [
    ...(isEnd(after.state) ? [] : ended),
    ...after.warnings.slice(before?.warnings.length ?? 0).map((message) => ({ kind: 'warning', at, message }) as const),
    ...phases.map(({ phase, state }) => ({ kind: 'phase', at, phase, state }) as const),
    ...(isEnd(after.state) ? ended : []),
  ];
}

/** Its end is the last that is told of a sync. */
function isEnd(state: SyncState): boolean {
  return state !== 'queued' && state !== 'planning' && state !== 'running' && state !== 'holding';
}

/** What a phase keeps of a change of its status. */
export function phaseEntries(before: PhaseStatus, after: PhaseStatus, at: number): readonly PhaseEntry[] {
  const { phase } = after;
  return after.waves.flatMap((wave, index): readonly PhaseEntry[] => {
    const known = before.waves[index];
    if (known === wave) return [];
    const place = { at, phase, wave: wave.wave };
    const steps = wave.steps.flatMap((step, at): readonly PhaseEntry[] => {
      const earlier = known?.steps[at];
      if (earlier === step) return [];
      const isNext = step.kind === 'hook' && earlier?.kind === 'hook' && step.attempt !== earlier.attempt;
      if (step.state === (earlier?.state ?? 'pending') && !isNext) return [];
      if (step.kind !== 'hook') return [{ ...place, kind: 'batch', step: at, state: step.state }];
      return [{ ...place, kind: 'hook', step: at, change: changeOf(step) }];
    });
    const itself =
      wave.state === (known?.state ?? 'pending') ? [] : [{ ...place, kind: 'wave', state: wave.state } as const];
    // A wave begins before its steps, and ends after them.
    return wave.state === 'running' || wave.state === 'waiting' ? [...itself, ...steps] : [...steps, ...itself];
  });
}

function changeOf({
  state,
  attempt,
  startedAt,
  finishedAt,
  message,
  skipped,
  evidence,
  nextAt,
}: HookStatus): HookChange {
  return {
    state,
    ...(attempt === undefined ? {} : { attempt }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(message === undefined ? {} : { message }),
    ...(skipped === undefined ? {} : { skipped }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(nextAt === undefined ? {} : { nextAt }),
  };
}
