import type { EventSourceMessage } from 'eventsource-parser';
import { createParser } from 'eventsource-parser';
import { SynclineError, failure } from '../../core/failures.ts';
import { pause } from '../../kubernetes/pause.ts';
import type { WatchedEvent } from '../following/events.ts';
import type { ServerConnection } from './connection.ts';
import { unreached } from './problems.ts';
import { syncEvent } from './schemas/events.ts';

/** How long a server, or a Temporal behind it, may be away under whoever follows a sync, ms. */
export const PATIENCE_MS = 120_000;
/** What the server says about coming back. */
const RETRY_MS = 1_000;

/**
 * What happens to a sync after an event, to its end: over disconnects, restarts and other servers, each event once and in order.
 * `path` is the address of its stream.
 */
export async function* followed(
  connection: ServerConnection,
  path: string,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<WatchedEvent> {
  let last = after;
  let heardAt = performance.now();
  const heard = (): void => void (heardAt = performance.now());
  for (;;) {
    try {
      const chunks = await connection.open(path, last, signal);
      if (chunks === undefined) return;
      for await (const message of messagesIn(chunks, heard)) {
        const event = eventOf(message, connection.url);
        if (event.kind !== 'progress') last = event.id;
        yield event;
        if (event.kind === 'ended') return;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(error) || performance.now() - heardAt > PATIENCE_MS) throw wordsFor(error, connection.url);
    }
    await pause(RETRY_MS, signal);
  }
}

/** Whether an error says that the server, or what is behind it, is away and may come back. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof SynclineError)) return true;
  return error.type === 'ServerUnavailable' || error.type === 'TemporalUnavailable';
}

function wordsFor(error: unknown, url: string): unknown {
  return error instanceof SynclineError ? error : unreached(url, error);
}

async function* messagesIn(chunks: AsyncIterable<Uint8Array>, heard: () => void): AsyncGenerator<EventSourceMessage> {
  const decoder = new TextDecoder();
  const ready: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => void ready.push(message) });
  for await (const chunk of chunks) {
    heard();
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* ready.splice(0);
  }
}

function eventOf({ id = '', data }: EventSourceMessage, url: string): WatchedEvent {
  try {
    const event: unknown = JSON.parse(data);
    syncEvent.parse(event);
    return { ...(event as WatchedEvent), id };
  } catch (cause) {
    throw failure(
      'InvalidRequest',
      `the server ${url} tells of an event that this Syncline can’t read`,
      { remedy: 'use the same version of Syncline for both' },
      { cause },
    );
  }
}
