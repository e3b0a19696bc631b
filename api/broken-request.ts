import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { headersOf, problemDocument } from './failing.ts';
import type { ProblemName } from './problem.ts';
import { ProblemError } from './problem.ts';

/** What Node says of a connection over which no request could be read. */
const CODES: Readonly<Record<string, readonly [ProblemName, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['RequestTimeout', 'the request did not come to its end in time'],
  HPE_HEADER_OVERFLOW: ['HeadersTooLarge', 'the address and the headers are larger than 16 KiB'],
};

/** Tells whoever sends what is no request, or does not end it in time, what is wrong, and lets the connection go. */
export function answerBrokenRequest({ code = '' }: { readonly code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const request = { id: randomUUID() };
  const [name, detail] = CODES[code] ?? (['MalformedRequest', 'this is no HTTP request'] as const);
  const { problem } = new ProblemError(name, detail);
  const body = JSON.stringify(problemDocument(problem, request));
  const headers = {
    ...headersOf(request),
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([header, value]) => `${header}: ${String(value)}\r\n`);
  socket.end(
    `HTTP/1.1 ${String(problem.status)} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`,
  );
}
