import type { OmittedEntries, PhaseEntry, TimelineEntry, TimelinePart } from './timeline.ts';

/** What a phase may hand over of its timeline, and with the rest of its outcome, in bytes: Temporal takes 2 MB as one payload. */
const MOST_OF_TIMELINE = 1_000_000;
const MOST_OF_OUTCOME = 1_600_000;

/** What one answer to a query holds, in bytes. */
const MOST_OF_ANSWER = 450_000;

/**
 * The entries of a phase as it hands them over beside the rest of its outcome: all of them, or the first and the last with a count of
 * those that were left out in the middle.
 */
export function handedOver(
  entries: readonly PhaseEntry[],
  outcome: object,
  room = Math.min(MOST_OF_TIMELINE, MOST_OF_OUTCOME - sizeOf(outcome)),
): readonly (PhaseEntry | OmittedEntries)[] {
  const sizes = entries.map(sizeOf);
  if (sum(sizes) <= room) return entries;
  const first = fitting(sizes, room / 2);
  const last = fitting(sizes.slice(first).reverse(), room / 2);
  const omitted = entries.slice(first, entries.length - last);
  const [gap] = omitted;
  if (gap === undefined) return entries;
  const { at, phase } = gap;
  return [
    ...entries.slice(0, first),
    { kind: 'omitted', at, phase, count: omitted.length },
    ...entries.slice(entries.length - last),
  ];
}

/** The entries from an index on, as many as one answer holds, at least one. */
export function pageOf(
  entries: readonly TimelineEntry[],
  from: number,
  room = MOST_OF_ANSWER,
): Pick<TimelinePart, 'entries' | 'next'> {
  const rest = entries.slice(from);
  const count = Math.max(1, fitting(rest.map(sizeOf), room));
  return count >= rest.length ? { entries: rest } : { entries: rest.slice(0, count), next: from + count };
}

/** How many of the first fit. */
function fitting(sizes: readonly number[], room: number): number {
  let left = room;
  const beyond = sizes.findIndex((size) => (left -= size) < 0);
  return beyond === -1 ? sizes.length : beyond;
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

/** Bytes of a value as JSON in a list. */
function sizeOf(value: object): number {
  const text = JSON.stringify(value);
  const bytes = /[^\0-\x7f]/.test(text) ? encodeURIComponent(text).replaceAll(/%../g, '.').length : text.length;
  return bytes + 1;
}
