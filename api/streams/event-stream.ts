import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { WatchedEvent } from '../../client/index.ts';
import { headersOf } from '../failing.ts';

/** An event as it is sent: its ID, and the lines after that, which are the same for all who follow. */
export interface SentEvent {
  readonly id: string;
  readonly lines: string;
}

/** How long a client is to wait before it comes back, ms. */
const RETRY_MS = 1_000;
/** Proxies close connections over which nothing comes for a minute. */
const KEEP_ALIVE_MS = 15_000;
/** How long a client may take nothing of what it was sent, ms. */
const STALLED_MS = 30_000;

/** Writes an event down, but for its ID. */
export function linesOf({ id: _, ...event }: WatchedEvent): string {
  return `event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}

/**
 * Sends events as a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), as fast as the client
 * takes them; one that has taken nothing for `stalledMs` is left, and goes on by `Last-Event-ID` when it comes back. Resolves at the end
 * of the events, or once the signal aborts.
 */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<SentEvent>,
  signal: AbortSignal,
  stalledMs = STALLED_MS,
): Promise<void> {
  const { raw } = reply.hijack();
  raw.writeHead(200, {
    ...headersOf(reply.request),
    'content-type': 'text/event-stream',
    // nginx would keep what it has not enough of.
    'x-accel-buffering': 'no',
  });
  raw.write(`retry: ${String(RETRY_MS)}\n\n`);
  const alive = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(': alive\n\n');
  }, KEEP_ALIVE_MS);
  try {
    for await (const { id, lines } of events) {
      if (!raw.write(`id: ${id}\n${lines}`) && !(await drained(raw, signal, stalledMs))) break;
      if (signal.aborted) break;
    }
  } finally {
    clearInterval(alive);
    raw.end();
  }
}

/** Resolves once the client has taken what it was sent, or the signal aborts; with false where it is left for having taken nothing. */
async function drained(raw: ServerResponse, signal: AbortSignal, stalledMs: number): Promise<boolean> {
  const late = AbortSignal.timeout(stalledMs);
  try {
    await once(raw, 'drain', { signal: AbortSignal.any([signal, late]) });
  } catch (error) {
    if (!signal.aborted && !late.aborted) throw error;
    if (!signal.aborted) raw.destroy();
  }
  return !raw.destroyed;
}
