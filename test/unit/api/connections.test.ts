import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiLab } from './lab.ts';
import { openApiLab } from './lab.ts';

const START = '/v1/clusters/prod/applications/shop/syncs';
const MIB = Buffer.alloc(1024 * 1024, 'a');

let lab: ApiLab;
let headers: string;
beforeAll(async () => {
  lab = await openApiLab();
  const server = lab.server.http.server as Server & { connectionsCheckingInterval: number };
  expect(server).toMatchObject(LIMITS);
  server.connectionsCheckingInterval = 50;
  await lab.server.http.listen({ host: '127.0.0.1', port: 0 });
  headers = `Host: here\r\nAuthorization: Bearer ${lab.token()}\r\n`;
});
afterAll(() => lab.server.stop());

/** How long a connection may take, ms: as the server says, or less for one that is to take too long. */
const LIMITS = { requestTimeout: 300_000, headersTimeout: 60_000 };
const SHORT = { requestTimeout: 600, headersTimeout: 300 };

function limit(limits: typeof LIMITS): void {
  Object.assign(lab.server.http.server, limits);
}

/** Sends what is given as it is, then `more` for as long as it is taken; what came back until the server has let go. */
function answerTo(text: string, more?: Buffer): Promise<{ readonly status: number; readonly problem: string }> {
  const { port } = lab.server.http.server.address() as AddressInfo;
  return new Promise((resolve) => {
    const send = (bytes: Buffer | string | undefined): void => {
      if (bytes !== undefined && !socket.destroyed) socket.write(bytes, () => setImmediate(send, more));
    };
    const socket = connect(port, '127.0.0.1', () => send(text));
    let answer = '';
    socket.on('data', (bytes) => (answer += String(bytes)));
    // It breaks off what is sent to nobody.
    socket.on('error', () => undefined);
    socket.on('close', () =>
      resolve({
        status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]),
        problem: /"type":"urn:syncline:problem:(\w+)"/.exec(answer)?.[1] ?? answer,
      }),
    );
  });
}

const post = (given: string): string => `POST ${START} HTTP/1.1\r\n${given}Content-Type: application/json\r\n`;
const chunked = 'Transfer-Encoding: chunked\r\n\r\n';
const chunk = Buffer.concat([Buffer.from(`${MIB.length.toString(16)}\r\n`), MIB, Buffer.from('\r\n')]);

describe('a connection is let go, and told why,', () => {
  test.each<readonly [string, () => string, number, string]>([
    ['that sends no HTTP', () => 'GARBAGE\r\n\r\n', 400, 'MalformedRequest'],
    ['that speaks HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'MalformedRequest'],
    [
      'that says two lengths',
      () => `${post(headers)}Content-Length: 2\r\n${chunked}0\r\n\r\n`,
      400,
      'MalformedRequest',
    ],
    [
      'with headers of 20 KB',
      () => `GET /healthz HTTP/1.1\r\n${headers}X: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HeadersTooLarge',
    ],
    ['that does not end its headers', () => 'GET /healthz HTTP/1.1\r\nHost: here\r\n', 408, 'RequestTimeout'],
    ['that does not end its body', () => `${post(headers)}Content-Length: 100\r\n\r\n{`, 408, 'RequestTimeout'],
    [
      'of a webhook that does not end its body',
      () =>
        'POST /v1/webhooks/github HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      408,
      'RequestTimeout',
    ],
  ])('%s', async (_, text, status, problem) => {
    limit(problem === 'RequestTimeout' ? SHORT : LIMITS);
    expect(await answerTo(text())).toEqual({ status, problem });
  });

  test('that sends a body without end and has no token', async () => {
    limit(LIMITS);
    expect(await answerTo(`${post('Host: here\r\n')}${chunked}`, chunk)).toMatchObject({ status: 401 });
  });
});

test.each(['x'.repeat(9_000), '\u00e9', '.ended', '99999999999.1.1', '../..', '%0d%0a'])(
  'a stream begins anew after an ID that is none: %s',
  async (id) => {
    const text = `GET ${START}/latest/stream HTTP/1.1\r\n${headers}Connection: close\r\nLast-Event-ID: ${id}\r\n\r\n`;
    const { port } = lab.server.http.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    for await (const bytes of socket) answer += String(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain('event: sync\n');
  },
);
