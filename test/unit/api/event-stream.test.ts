import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SentEvent } from '../../../api/streams/event-stream.ts';
import { sendEvents } from '../../../api/streams/event-stream.ts';

const LINES = `data: ${'x'.repeat(100_000)}\n\n`;

let http: FastifyInstance;
let sent: number;
let left: PromiseWithResolvers<number>;
/** How long a client may take nothing, ms. */
let stalledMs: number;

/** More events than any connection takes that nobody reads. */
async function* endless(): AsyncGenerator<SentEvent> {
  try {
    for (;;) {
      sent += 1;
      yield { id: String(sent), lines: LINES };
      // Who takes what it is sent must be let.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    left.resolve(sent);
  }
}

beforeEach(async () => {
  sent = 0;
  stalledMs = 200;
  left = Promise.withResolvers();
  http = fastify({ forceCloseConnections: true });
  http.get('/', async (_request: FastifyRequest, reply: FastifyReply) => {
    await sendEvents(reply, endless(), new AbortController().signal, stalledMs);
    return reply;
  });
  await http.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => http.close());

test('a client that takes nothing of its stream is left, with no more than a connection holds kept for it', async () => {
  const socket = connect((http.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
  socket.pause();
  const count = await left.promise;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(sent).toBe(count);
  // What the system's buffers hold, and not all there is.
  expect(count * LINES.length).toBeLessThan(64 * 1024 * 1024);
  socket.resume();
  await once(socket, 'close');
});

test('a client that takes it slowly keeps it', async () => {
  // Longer than this process may stand still, and shorter than the client takes.
  stalledMs = 1_000;
  const { port } = http.server.address() as AddressInfo;
  const leaving = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${String(port)}/`, { signal: leaving.signal });
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes >= 100 * LINES.length) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(bytes).toBeGreaterThanOrEqual(100 * LINES.length);
  leaving.abort();
  await left.promise;
});
