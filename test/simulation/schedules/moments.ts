import { inventoryName, recordName } from '../../../core/markers.ts';
import type { SyncRecord } from '../../../core/record/record.ts';
import { APPLICATION } from '../names.ts';

/** What a request is about. */
type Subject = 'record' | 'inventory' | 'hook' | 'resource';

/** A request by what it does, and to what: `create hook`. */
export type Request = `${'get' | 'list' | 'create' | 'replace' | 'apply' | 'patch' | 'delete'} ${Subject}`;

/** What a change of the record means. */
type Step = 'claim' | 'raise' | 'intent' | 'verdict' | 'release';

/** Something that happens, which something else may be timed by: a request takes effect, the record changes, a hook begins or ends, a person says something. */
export type Moment = Request | Step | 'hook begins' | 'hook ends' | 'reset' | 'stop' | 'hold back';

/** What happens in a schedule, for those who wait for it. */
export interface Moments {
  /** Tells that something has happened; `by` is what did it. */
  happened(moment: string, by: unknown): void;
  /** How often it has happened so far. */
  count(moment: Moment): number;
  /** Calls once it has happened again, some times, by anything but `not`. */
  await(moment: Moment, times: number, not: unknown, act: () => void): void;
}

/** Makes the moments of a schedule that has not begun. */
export function momentsOf(): Moments {
  const counts = new Map<string, number>();
  let waiting: { readonly moment: string; left: number; readonly not: unknown; readonly act: () => void }[] = [];
  return {
    happened(moment, by) {
      counts.set(moment, (counts.get(moment) ?? 0) + 1);
      const met = waiting.filter((wait) => wait.moment === moment && wait.not !== by);
      for (const wait of met) wait.left -= 1;
      const due = met.filter(({ left }) => left === 0);
      if (due.length === 0) return;
      waiting = waiting.filter((wait) => !due.includes(wait));
      for (const { act } of due) act();
    },
    count: (moment) => counts.get(moment) ?? 0,
    await: (moment, times, not, act) => void waiting.push({ moment, left: times, not, act }),
  };
}

const NAMES = new Map<string, Subject>([
  [recordName(APPLICATION), 'record'],
  [inventoryName(APPLICATION), 'inventory'],
  ['settings', 'resource'],
  ['extra', 'resource'],
]);

/** A request as a moment; what is neither of the application nor of Syncline goes by what it does alone. */
export function requestNamed(what: string, about: unknown): string {
  const { kind, name } = (typeof about === 'object' ? about : {}) as { readonly kind?: string; readonly name?: string };
  const subject = kind === 'Job' || kind === 'Pod' ? 'hook' : NAMES.get(name ?? '');
  return subject === undefined ? what : `${what} ${subject}`;
}

/** What a change of the record means. */
export function stepsBetween(before: SyncRecord | undefined, after: SyncRecord): readonly Step[] {
  const claimed = after.epoch > (before?.epoch ?? 0);
  const isSame = before?.holder?.run === after.holder?.run;
  const [had, has] = [entriesIn(before), entriesIn(after)];
  return [
    ...(claimed ? [isSame ? ('raise' as const) : ('claim' as const)] : []),
    ...(has.intents > had.intents ? (['intent'] as const) : []),
    ...(has.verdicts > had.verdicts ? (['verdict'] as const) : []),
    ...(after.holder === null && before?.holder !== null ? (['release'] as const) : []),
  ];
}

function entriesIn(record: SyncRecord | undefined): { readonly intents: number; readonly verdicts: number } {
  const entries = Object.values(record?.ledger ?? {}).flat();
  return { intents: entries.length, verdicts: entries.filter(({ verdict }) => verdict !== undefined).length };
}
