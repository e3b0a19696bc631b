import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a receiver has got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** An HTTP server that keeps what it receives and answers as it is told. */
export interface Receiver {
  readonly port: number;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** Starts a receiver on the loopback address. `answer` says the status of the n-th answer, from 0, and its headers. */
export async function startReceiver(
  answer: (count: number) => readonly [status: number, headers?: Readonly<Record<string, string>>] = () => [200],
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const [status, headers = {}] = answer(received.length);
      received.push({ path: request.url ?? '', headers: request.headers, text });
      response.writeHead(status, headers).end('answer');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    received,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
