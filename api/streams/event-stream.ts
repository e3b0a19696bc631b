import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { WatchedEvent } from '../../client/index.ts';
import { headersOf } from '../failing.ts';

/** How long a client is to wait before it comes back, ms. */
const RETRY_MS = 1_000;
/** Proxies close connections over which nothing comes for a minute. */
const KEEP_ALIVE_MS = 15_000;

/**
 * Sends events as a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), as fast as the client
 * takes them. Resolves at the end of the events, or once the signal aborts.
 */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<WatchedEvent>,
  signal: AbortSignal,
): Promise<void> {
  const { raw } = reply.hijack();
  raw.writeHead(200, {
    ...headersOf(reply.request),
    'content-type': 'text/event-stream',
    // nginx would keep what it has not enough of.
    'x-accel-buffering': 'no',
  });
  raw.write(`retry: ${String(RETRY_MS)}\n\n`);
  const alive = setInterval(() => raw.write(': alive\n\n'), KEEP_ALIVE_MS);
  try {
    for await (const event of events) {
      if (!raw.write(textOf(event))) await drained(raw, signal);
      if (signal.aborted) break;
    }
  } finally {
    clearInterval(alive);
    raw.end();
  }
}

function textOf({ id, ...event }: WatchedEvent): string {
  return `id: ${id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}

async function drained(raw: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(raw, 'drain', { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
