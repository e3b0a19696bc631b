import type { SyncTracker } from './sync-state.ts';

/** A status that thousands of senseless messages have swollen could not be told any more: Temporal limits its size. */
const MOST_NOTES = 50;

/** Tells in the sync's warnings, and so in its timeline, of messages that were not taken; of very many, of the first alone. */
export function notesIn({ warned }: Pick<SyncTracker, 'warned'>): (sentence: string) => void {
  let noted = 0;
  return (sentence) => {
    noted += 1;
    if (noted <= MOST_NOTES) warned([sentence]);
    if (noted === MOST_NOTES) warned(['Messages that are not taken from here on are not told one by one.']);
  };
}
