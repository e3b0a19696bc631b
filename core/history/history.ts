import type { Failure } from '../failures.ts';
import type { Phase } from '../phases.ts';
import type { SyncRequest } from '../sync/request.ts';
import type { Rollback } from '../sync/rollback.ts';
import type { PhaseStatus, StepState, SyncOutcome } from '../sync/status.ts';

/** How long a phase took and how it ended; times in ms since 1970. */
export interface PhaseRecord {
  readonly phase: Phase;
  readonly state: StepState;
  readonly startedAt: number;
  readonly finishedAt?: number;
}

/** What is kept of one sync of an application. Times in ms since 1970. */
export interface HistoryEntry {
  readonly syncId: string;
  /** The application's running count of syncs. */
  readonly number: number;
  readonly revision: string;
  readonly bundle: string;
  readonly requestedBy: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outcome: SyncOutcome;
  /** The phases that have begun, in order. */
  readonly phases: readonly PhaseRecord[];
  /** Why it failed, in one sentence. */
  readonly failure?: string;
  /** How many objects, hooks among them, a person has skipped; absent for none. */
  readonly skipped?: number;
  /** The sync it goes back to, where it is a rollback. */
  readonly rollback?: Rollback;
  /** What the sync was asked for, so that it can be done again. */
  readonly request: Pick<SyncRequest, 'createNamespace' | 'options'>;
}

/** What is kept of an application's syncs, newest first. */
export interface SyncHistory {
  readonly version: 1;
  readonly entries: readonly HistoryEntry[];
}

/** How many syncs are kept of an application. */
export const HISTORY_LIMIT = 20;

/** A ConfigMap holds at most 1 MiB; what ignored fields and options an entry holds is the user's. */
const HISTORY_BYTES = 600_000;

const EMPTY: SyncHistory = { version: 1, entries: [] };

/** The phases that have begun. One of which the rest was skipped has the times of what was done of it. */
export function phaseRecords(phases: readonly PhaseStatus[]): readonly PhaseRecord[] {
  return phases.flatMap(({ phase, state, waves, ...own }) => {
    const parts = own.startedAt === undefined ? waves : [own];
    const starts = parts.flatMap(({ startedAt = [] }) => startedAt);
    const ends = parts.flatMap(({ finishedAt = [] }) => finishedAt);
    if (starts.length === 0) return [];
    const finishedAt = ends.length === 0 ? {} : { finishedAt: Math.max(...ends) };
    return [{ phase, state, startedAt: Math.min(...starts), ...finishedAt }];
  });
}

/** A failure in one sentence, short enough to be kept. */
export function failureSentence([first]: readonly Failure[]): { readonly failure?: string } {
  return first === undefined ? {} : { failure: first.message.slice(0, 500) };
}

/** The history with one more sync, or with what is known better of one that it has. What there is no room for falls out. */
export function recorded(history: SyncHistory | undefined, entry: HistoryEntry): SyncHistory {
  const others = (history ?? EMPTY).entries.filter(({ syncId }) => syncId !== entry.syncId);
  const all = [entry, ...others].sort((a, b) => b.number - a.number).slice(0, HISTORY_LIMIT);
  let bytes = 0;
  const entries = all.filter((kept, index) => {
    bytes += JSON.stringify(kept).length;
    return index === 0 || bytes <= HISTORY_BYTES;
  });
  return { version: 1, entries };
}

/** Reads what was kept; undefined where there is nothing. Throws an `Error` for what a later version wrote. */
export function parseHistory(text: string | undefined): SyncHistory | undefined {
  if (text === undefined) return undefined;
  const history = JSON.parse(text) as SyncHistory;
  if ((history.version as number) !== 1) throw new Error(`its version is ${String(history.version)}, this is 1`);
  return history;
}

/** What a rollback goes back to, or why there is nothing. */
export type RollbackTarget =
  { readonly kind: 'found'; readonly entry: HistoryEntry } | { readonly kind: 'none'; readonly why: string };

/**
 * The sync to go back to: the one that is named, by its number or ID; else the newest that has synced the whole application with
 * success before the latest one, and with other bytes.
 */
export function rollbackTarget({ entries }: SyncHistory, named?: string): RollbackTarget {
  if (named !== undefined) {
    const entry = entries.find(({ syncId, number }) => syncId === named || String(number) === named);
    if (entry !== undefined) return { kind: 'found', entry };
    const known = entries.map(({ number }) => String(number)).join(', ');
    return {
      kind: 'none',
      why: `no sync ${named} is in its history; there ${entries.length === 1 ? 'is' : 'are'} ${known}`,
    };
  }
  const [latest, ...earlier] = entries;
  const entry = earlier.find((one) => isWholeSuccess(one) && one.bundle !== latest?.bundle);
  if (entry !== undefined) return { kind: 'found', entry };
  return { kind: 'none', why: 'no earlier sync of other manifests has succeeded' };
}

/** The sync that a failed one gives way to: the newest whole success with other bytes than these; undefined where there is none. */
export function lastGood({ entries }: SyncHistory, { syncId, bundle }: SyncRequest): HistoryEntry | undefined {
  return entries.find((entry) => entry.syncId !== syncId && isWholeSuccess(entry) && entry.bundle !== bundle);
}

/** Whether a sync has synced the whole application with success. */
export function isWholeSuccess({ outcome, request }: HistoryEntry): boolean {
  return outcome === 'Succeeded' && request.options.selection === undefined && request.options.from === undefined;
}
