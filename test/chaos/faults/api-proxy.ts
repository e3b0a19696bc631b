import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { parse, stringify } from 'yaml';
import { createAuthority } from '../../../sandbox/cluster/certificates.ts';

/** What a proxy does to requests for a while. `every` counts requests: each n-th is hit. */
export type Weather =
  | { readonly kind: 'answers'; readonly code: 409 | 410 | 429 | 500; readonly every: number }
  /** The request is done, and its answer lost with the connection. */
  | { readonly kind: 'lost-answers'; readonly every: number }
  | { readonly kind: 'slow'; readonly every: number; readonly delayMs: number }
  /** Connections are cut, and new ones too. */
  | { readonly kind: 'down' };

/** How often a proxy has hit. */
export type Hits = Readonly<Record<string, number>>;

/** A proxy in front of an API server that can disturb what goes through it. */
export interface ApiProxy {
  /** The text of a kubeconfig that leads through it. */
  readonly kubeconfig: string;
  /** Lets a weather last; several may last at a time. */
  weather(weather: Weather, forMs: number): void;
  /** Ends all watches. */
  closeWatches(): void;
  /** Cuts all connections, watches and requests alike. */
  cut(): void;
  hits(): Hits;
  close(): Promise<void>;
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly name: string;
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
}

interface Lasting {
  readonly weather: Weather;
  readonly until: number;
  seen: number;
}

/** Starts a proxy for the API server of a kubeconfig, with a certificate of its own. */
export async function startApiProxy(kubeconfigPath: string): Promise<ApiProxy> {
  const config = parse(await readFile(kubeconfigPath, 'utf8')) as Kubeconfig;
  const { name, cluster } = config.clusters[0]!;
  const authority = createAuthority('chaos-proxy');
  const { certificatePem, keyPem } = authority.issue({
    ...{ commonName: 'localhost', dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] },
  });
  const hits: Record<string, number> = {};
  const count = (what: string): void => void (hits[what] = (hits[what] ?? 0) + 1);
  let lasting: Lasting[] = [];
  const sockets = new Set<Socket>();
  const watches = new Set<ServerResponse>();
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64');
  const upstream: Upstream = { server: new URL(cluster.server), agent: new Agent({ keepAlive: true, ca }), watches };
  const current = (): readonly Lasting[] => (lasting = lasting.filter(({ until }) => until > Date.now()));
  const server = createServer({ cert: certificatePem, key: keyPem }, (incoming, response) => {
    handle(upstream, current(), count, incoming, response);
  });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    if (current().some(({ weather }) => weather.kind === 'down')) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own = { server: url, 'certificate-authority-data': Buffer.from(authority.certificatePem).toString('base64') };
  return {
    kubeconfig: stringify({ ...config, clusters: [{ name, cluster: own }] }),
    weather(weather, forMs) {
      lasting.push({ weather, until: Date.now() + forMs, seen: 0 });
      if (weather.kind === 'down') cut();
    },
    closeWatches() {
      for (const response of watches) response.destroy();
    },
    cut,
    hits: () => hits,
    async close() {
      cut();
      upstream.agent.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Upstream {
  readonly server: URL;
  readonly agent: Agent;
  readonly watches: Set<ServerResponse>;
}

function handle(
  upstream: Upstream,
  lasting: readonly Lasting[],
  count: (what: string) => void,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const hit = lasting.find((each) => concerns(each.weather, incoming) && ++each.seen % everyOf(each.weather) === 0);
  const forwarded = (): ClientRequest => forward(upstream, incoming, response);
  response.on('error', () => undefined);
  switch (hit?.weather.kind) {
    case undefined:
      forwarded();
      return;
    case 'answers':
      count(String(hit.weather.code));
      refuse(hit.weather.code, incoming, response);
      return;
    case 'down':
      response.destroy();
      return;
    case 'lost-answers':
      count('lost answers');
      forward(upstream, incoming, undefined).on('response', (answer) => {
        answer.resume().on('end', () => response.destroy());
      });
      return;
    case 'slow':
      count('slow answers');
      incoming.pause();
      setTimeout(forwarded, hit.weather.delayMs);
  }
}

function everyOf(weather: Weather): number {
  return weather.kind === 'down' ? 1 : weather.every;
}

const isWatch = ({ url = '' }: IncomingMessage): boolean => url.includes('watch=');

/** A 409 is for those who compete for an object, a 410 for those who ask for what is too old; a DELETE that names a UID never races. */
function concerns(weather: Weather, incoming: IncomingMessage): boolean {
  const { method = 'GET', url = '' } = incoming;
  if (weather.kind !== 'answers') return weather.kind === 'down' || !isWatch(incoming);
  if (weather.code === 409) return (method === 'POST' || method === 'PUT' || method === 'PATCH') && !isReview(url);
  if (weather.code === 410) return isWatch(incoming);
  return true;
}

/** Reviews and tokens are made, not stored. */
function isReview(url: string): boolean {
  return url.includes('reviews') || url.includes('/token');
}

const REASONS = { 410: 'Expired', 429: 'TooManyRequests', 500: 'InternalError' } as const;

function refuse(code: 409 | 410 | 429 | 500, incoming: IncomingMessage, response: ServerResponse): void {
  const reason = code !== 409 ? REASONS[code] : incoming.method === 'POST' ? 'AlreadyExists' : 'Conflict';
  const message = `the chaos test says ${code}`;
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  incoming.resume().on('end', () => {
    response.writeHead(code, { 'content-type': 'application/json', ...(code === 429 ? { 'retry-after': '1' } : {}) });
    response.end(JSON.stringify(status));
  });
}

/** Sends a request on; its answer is passed on where there is somewhere to. */
function forward(upstream: Upstream, incoming: IncomingMessage, response: ServerResponse | undefined): ClientRequest {
  const { server, agent, watches } = upstream;
  const { method = 'GET', url = '/', headers } = incoming;
  const { host: _, ...others } = headers;
  const sent = request({ host: server.hostname, port: server.port, path: url, method, headers: others, agent });
  sent.on('error', () => incoming.socket.destroy());
  incoming.pipe(sent);
  if (response === undefined) return sent;
  response.on('close', () => sent.destroy());
  sent.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    if (isWatch(incoming)) {
      watches.add(response);
      response.on('close', () => watches.delete(response));
      // Whoever watches waits for the head of the answer.
      response.flushHeaders();
    }
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  return sent;
}
