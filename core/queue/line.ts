import type { SyncRequest } from '../sync/request.ts';

/** What a request does where a sync of its application runs: it is refused, it waits, or it asks that one to give way. */
export type IfRunning = 'reject' | 'queue' | 'supersede';

/** A request that joins the line. */
export interface Joining {
  readonly request: SyncRequest;
  readonly ifRunning: Exclude<IfRunning, 'reject'>;
  /** How long the running sync may take to its next safe point, ms; absent = 10 min. */
  readonly withinMs?: number;
  /** Names who asks again and again, such as a schedule: where a request of the same name waits, another would do nothing more. */
  readonly series?: string;
  /** Whether whoever asks has named the sync and may ask for it again: it is begun only where no run of it is known. Absent = no. */
  readonly named?: boolean;
}

/** A request in the line; `since` in ms since 1970. */
export interface Waiting extends Joining {
  readonly since: number;
}

/** What became of a request that has left the line. */
export type Departed =
  | { readonly kind: 'started'; readonly syncId: string; readonly runId: string }
  | {
      readonly kind: 'superseded';
      readonly waiting: Waiting;
      /** The one that took its place. */
      readonly by: { readonly syncId: string; readonly revision: string; readonly requestedBy: string };
      readonly at: number;
    }
  | {
      readonly kind: 'withdrawn';
      readonly waiting: Waiting;
      readonly by: string;
      readonly reason?: string;
      readonly at: number;
    }
  /** The line's workflow was closed by force while it waited; `how`: `terminated in Temporal by ann@laptop`. */
  | { readonly kind: 'lost'; readonly waiting: Waiting; readonly how: string; readonly at: number };

/** The requests of one application that wait for its lock, first come first, and those that have left the line lately. */
export interface Line {
  readonly waiting: readonly Waiting[];
  readonly departed: readonly Departed[];
}

/** Who takes a request out of the line, and why. */
export interface Withdrawal {
  readonly syncId: string;
  readonly by: string;
  readonly reason?: string;
}

/** A line of nobody. */
export const EMPTY_LINE: Line = { waiting: [], departed: [] };

/** The most requests that wait: the line travels as a workflow's input, whose size is limited. */
const MOST_WAITING = 100;

/** How many that have left are remembered, for those who ask what became of them. */
const MOST_DEPARTED = 50;

/** The ID of the sync that left the line. */
export function departedId(departed: Departed): string {
  return departed.kind === 'started' ? departed.syncId : departed.waiting.request.syncId;
}

/**
 * The line with one more request, at `at` (ms since 1970). A sync that is in it, or has left it, joins no second time. One that
 * supersedes takes the place of all that wait; one that would make the line too long is withdrawn at once.
 */
export function joined(line: Line, joining: Joining, at: number): Line {
  const { syncId, revision, requestedBy } = joining.request;
  const isKnown =
    line.waiting.some(({ request }) => request.syncId === syncId) ||
    line.departed.some((departed) => departedId(departed) === syncId);
  if (isKnown) return line;
  const waiting: Waiting = { ...joining, since: at };
  if (joining.series !== undefined && line.waiting.some(({ series }) => series === joining.series)) {
    const reason = `another request of ${joining.series} waits already`;
    return withDeparted(line, { kind: 'withdrawn', waiting, by: 'Syncline', reason, at });
  }
  if (joining.ifRunning === 'supersede') {
    const by = { syncId, revision, requestedBy };
    const replaced = line.waiting.map((each): Departed => ({ kind: 'superseded', waiting: each, by, at }));
    return { waiting: [waiting], departed: lately([...line.departed, ...replaced]) };
  }
  if (line.waiting.length < MOST_WAITING) return { ...line, waiting: [...line.waiting, waiting] };
  const reason = `${String(MOST_WAITING)} requests wait already`;
  return withDeparted(line, { kind: 'withdrawn', waiting, by: 'Syncline', reason, at });
}

/** The line without a request that somebody has withdrawn; unchanged where it does not wait. */
export function withdrawn(line: Line, { syncId, by, reason }: Withdrawal, at: number): Line {
  const waiting = line.waiting.find(({ request }) => request.syncId === syncId);
  if (waiting === undefined) return line;
  const told = reason === undefined ? {} : { reason };
  return withDeparted(line, { kind: 'withdrawn', waiting, by, ...told, at });
}

/** The line without the request whose sync was started. */
export function started(line: Line, syncId: string, runId: string): Line {
  return withDeparted(line, { kind: 'started', syncId, runId });
}

/** The line whose workflow was closed by force, at `at`: all that waited in it are lost. */
export function lostLine({ waiting, departed }: Line, how: string, at: number): Line {
  const lost = waiting.map((each): Departed => ({ kind: 'lost', waiting: each, how, at }));
  return { waiting: [], departed: [...departed, ...lost] };
}

function withDeparted(line: Line, departed: Departed): Line {
  const syncId = departedId(departed);
  return {
    waiting: line.waiting.filter(({ request }) => request.syncId !== syncId),
    departed: lately([...line.departed, departed]),
  };
}

function lately(departed: readonly Departed[]): readonly Departed[] {
  return departed.slice(-MOST_DEPARTED);
}
