import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterCredentials } from '../cluster/credentials.ts';
import { LOOPBACK } from '../processes/ports.ts';
import type { ContainerPlace, LogBook, Lookup } from './log-book.ts';
import {
  formatLine,
  nextLineAt,
  printedLines,
  selectLines,
  type ContainerRun,
  type LogSelection,
} from './log-lines.ts';

/** The endpoint the API server asks for logs, where a node's kubelet would be. */
export interface KubeletEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the endpoint on a free port; it talks to nobody but the API server, told by its client certificate. */
export async function startKubeletEndpoint(
  files: Pick<ClusterCredentials['files'], 'authority' | 'kubelet'>,
  logs: LogBook,
): Promise<KubeletEndpoint> {
  const [ca, cert, key] = await Promise.all(
    [files.authority, files.kubelet.certificate, files.kubelet.key].map((path) => readFile(path)),
  );
  const options = { ca: ca ?? '', cert: cert ?? '', key: key ?? '', requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (request, response) => {
    serve(request, response, logs).catch(() => response.destroy());
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return { port: portOf(server), close: () => close(server) };
}

interface LogRequest {
  readonly place: ContainerPlace;
  readonly which: 'current' | 'previous';
  readonly follow: boolean;
  readonly limitBytes: number;
  readonly selection: LogSelection;
}

async function serve(request: IncomingMessage, response: ServerResponse, logs: LogBook): Promise<void> {
  const demand = parseRequest(request);
  if (demand === undefined) {
    response.writeHead(404).end('the sandbox serves container logs only\n');
    return;
  }
  const found = await heardOf(demand, logs);
  if (found.kind !== 'run') {
    response.writeHead(found.kind === 'unknown' ? 404 : 400).end(found.message);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/plain' });
  const write = limitedWriter(response, demand.limitBytes);
  const past = printedLines(found.run, Date.now());
  for (const line of selectLines(past, demand.selection)) write(formatLine(line, demand.selection.timestamps));
  if (demand.follow && demand.which === 'current') {
    response.flushHeaders();
    await follow(demand, response, logs, { printed: past.length, startedAt: found.run.startedAt }, write);
  }
  response.end();
}

/** How long to wait for the first news of a container, ms. */
const NEWS_MS = 5_000;

/**
 * What the log book knows of a container, once it has heard of it: a kubelet writes the status that others read, and here it is
 * kwok that writes it and the log book that reads.
 */
async function heardOf({ place, which }: LogRequest, logs: LogBook): Promise<Lookup> {
  const late = AbortSignal.timeout(NEWS_MS);
  for (;;) {
    const found = logs.find(place, which);
    if (found.kind === 'run' || found.kind === 'not-started' || late.aborted) return found;
    await logs.nextChange(place, late);
  }
}

interface Progress {
  printed: number;
  readonly startedAt: number;
}

/** Sends lines as they come until the run ends or the reader goes away. */
async function follow(
  demand: LogRequest,
  response: ServerResponse,
  logs: LogBook,
  progress: Progress,
  write: (text: string) => void,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  while (!gone.signal.aborted) {
    const found = logs.find(demand.place, 'current');
    // A restart is another run: kubectl, too, ends with the container it followed.
    if (found.kind !== 'run' || found.run.startedAt !== progress.startedAt) return;
    const lines = printedLines(found.run, Date.now());
    for (const line of lines.slice(progress.printed)) write(formatLine(line, demand.selection.timestamps));
    progress.printed = lines.length;
    if (found.run.endedAt !== undefined) return;
    await untilNews(demand.place, found.run, progress.printed, logs, gone.signal);
  }
}

async function untilNews(
  place: ContainerPlace,
  run: ContainerRun,
  printed: number,
  logs: LogBook,
  signal: AbortSignal,
): Promise<void> {
  const next = nextLineAt(run, printed);
  const turn = new AbortController();
  const until = AbortSignal.any([signal, turn.signal]);
  const news = [logs.nextChange(place, until)];
  if (next !== undefined) {
    news.push(delay(Math.max(1, next - Date.now()), undefined, { signal: until }).catch(() => undefined));
  }
  await Promise.race(news);
  turn.abort();
}

function parseRequest(request: IncomingMessage): LogRequest | undefined {
  const url = new URL(request.url ?? '/', 'https://kubelet');
  const [, root, namespace, pod, container] = url.pathname.split('/').map(decodeURIComponent);
  if (root !== 'containerLogs' || namespace === undefined || pod === undefined || container === undefined)
    return undefined;
  const number = (name: string): number | undefined => {
    const text = url.searchParams.get(name);
    return text === null || text === '' ? undefined : Number(text);
  };
  const seconds = number('sinceSeconds');
  const time = url.searchParams.get('sinceTime');
  const sinceMs = seconds !== undefined ? Date.now() - seconds * 1000 : time !== null ? Date.parse(time) : undefined;
  const tailLines = number('tailLines');
  return {
    place: { namespace, pod, container },
    which: url.searchParams.get('previous') === 'true' ? 'previous' : 'current',
    follow: url.searchParams.get('follow') === 'true',
    limitBytes: number('limitBytes') ?? Number.POSITIVE_INFINITY,
    selection: {
      timestamps: url.searchParams.get('timestamps') === 'true',
      ...(sinceMs !== undefined && { sinceMs }),
      ...(tailLines !== undefined && { tailLines }),
    },
  };
}

function limitedWriter(response: ServerResponse, limitBytes: number): (text: string) => void {
  let left = limitBytes;
  return (text) => {
    if (left <= 0) return;
    const bytes = Buffer.from(text);
    response.write(bytes.subarray(0, left));
    left -= bytes.length;
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the kubelet endpoint has no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}
