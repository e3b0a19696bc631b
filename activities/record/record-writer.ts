import type { SyncRecord } from '../../core/record/record.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { unlessAborted } from '../../kubernetes/pause.ts';

/** What may be done to a record: it answers the record as it is to be, or undefined to leave it as it is. */
export type RecordChange = (record: SyncRecord | undefined) => SyncRecord | undefined;

/** A record as it was read; `token` is what a write compares. */
export interface StoredRecord<Token> {
  readonly record: SyncRecord | undefined;
  readonly token: Token;
}

/** How a record is read, and written if nobody has changed it since: `write` answers false where that race was lost. */
export interface RecordIo<Token> {
  read(signal: AbortSignal): Promise<StoredRecord<Token>>;
  write(token: Token, record: SyncRecord, signal: AbortSignal): Promise<boolean>;
}

/** Makes the changes of one record that this process asks for. */
export interface RecordWriter {
  /** Answers the record as this change left it, or undefined where the change declined. Asks it again after each lost race. */
  update(change: RecordChange, signal: AbortSignal): Promise<SyncRecord | undefined>;
}

interface Asked {
  readonly change: RecordChange;
  readonly signal: AbortSignal;
  readonly done: (written: SyncRecord | undefined) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes together what was asked for while a write was under way, in the order in which it was asked. Hundreds of hooks of one
 * application that begin at once would else each lose the race for their record to all the others. Calls `idle` once nothing
 * more is asked for.
 */
export function recordWriter<Token>(io: RecordIo<Token>, idle: () => void): RecordWriter {
  let waiting: Asked[] = [];
  let isRunning = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await writeTogether(io, batch);
    }
    isRunning = false;
    idle();
  };
  return {
    async update(change, signal) {
      signal.throwIfAborted();
      const { promise, resolve: done, reject: failed } = Promise.withResolvers<SyncRecord | undefined>();
      waiting.push({ change, signal, done, failed });
      if (!isRunning) void run();
      // Who asked does not wait for a write that serves the others as well.
      return unlessAborted(promise, signal);
    },
  };
}

/** Never throws: who asked is told. */
async function writeTogether<Token>(io: RecordIo<Token>, batch: readonly Asked[]): Promise<void> {
  const abandoned = abandonedBy(batch);
  try {
    for (;;) {
      const asking = batch.filter(({ signal }) => !signal.aborted);
      if (asking.length === 0) return;
      const { record, token } = await io.read(abandoned.signal);
      const { next, answers } = changed(record, asking);
      if (next !== undefined && !(await io.write(token, next, abandoned.signal))) continue;
      for (const answer of answers) answer();
      return;
    }
  } catch (error) {
    // What the API server refuses may be the doing of one of them alone.
    if (batch.length > 1 && error instanceof ApiError) for (const asked of batch) await writeTogether(io, [asked]);
    else for (const asked of batch) asked.failed(error);
  } finally {
    abandoned.release();
  }
}

interface Changed {
  /** Undefined where all have declined. */
  readonly next: SyncRecord | undefined;
  /** What each is told once that is written. */
  readonly answers: readonly (() => void)[];
}

function changed(record: SyncRecord | undefined, batch: readonly Asked[]): Changed {
  let next: SyncRecord | undefined;
  const answers = batch.map(({ change, done, failed }) => {
    try {
      const own = change(next ?? record);
      next = own ?? next;
      return () => done(own);
    } catch (error) {
      return () => failed(error);
    }
  });
  return { next, answers };
}

/** A signal that aborts once nobody waits any more. */
function abandonedBy(batch: readonly Asked[]): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const look = (): void => {
    if (batch.every(({ signal }) => signal.aborted)) controller.abort();
  };
  for (const { signal } of batch) signal.addEventListener('abort', look, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      for (const { signal } of batch) signal.removeEventListener('abort', look);
    },
  };
}
