import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClusterOptions } from '../../../kubernetes/api-cluster.ts';
import { createCluster } from '../../../kubernetes/api-cluster.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { fixedCredentials } from '../../../kubernetes/credentials.ts';

/** A request as the fake server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request, or breaks it. */
export type Handler = (response: ServerResponse, request: SeenRequest) => void;

/** An HTTP server that answers as the test says; discovery is answered from `KINDS` unless the test says otherwise. */
export interface FakeApiServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Connections that were ever opened. */
  readonly connections: () => number;
  /** Requests of a method and path (without query). */
  readonly requests: (method: string, path: string) => readonly SeenRequest[];
  /** Answers requests of this method and path with the handlers in turn, the last one for all that follow. */
  readonly answer: (method: string, path: string, ...handlers: readonly Handler[]) => void;
  /** Resolves when a request of this method and path has been seen `count` times. */
  readonly until: (method: string, path: string, count: number) => Promise<void>;
  readonly cluster: (options?: Partial<ClusterOptions>) => Cluster;
  readonly close: () => Promise<void>;
}

/** Kinds the fake server serves by default. */
export const KINDS = [
  ['configmaps', 'ConfigMap', 'Namespaced'],
  ['secrets', 'Secret', 'Namespaced'],
  ['pods', 'Pod', 'Namespaced'],
  ['events', 'Event', 'Namespaced'],
  ['namespaces', 'Namespace', 'Cluster'],
] as const;

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

export function json(code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Handler {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function status(code: number, reason: string, message: string, more: object = {}): Handler {
  return json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, ...more });
}

/** Closes the connection without an answer. */
export const cut: Handler = (response) => void response.destroy();

/** Never answers. */
export const silent: Handler = () => undefined;

export function listOf(resourceVersion: string, items: readonly object[], more: object = {}): Handler {
  return json(200, { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion, ...more }, items });
}

/** A watch that sends these lines and then stays open, or ends. */
export function watchOf(lines: readonly object[], then: 'stay' | 'end' = 'stay'): Handler {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
    if (then === 'end') response.end();
  };
}

export function aggregatedDiscovery(kinds: readonly (readonly [string, string, string])[]): object {
  const resources = kinds.map(([resource, kind, scope]) => ({ resource, responseKind: { kind }, scope, verbs: VERBS }));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    items: [{ metadata: {}, versions: [{ version: 'v1', resources }] }],
  };
}

export async function startFakeApiServer(): Promise<FakeApiServer> {
  const seen: SeenRequest[] = [];
  const scripts = new Map<string, Handler[]>();
  const waiting = new Set<() => void>();
  let connections = 0;
  const requests = (method: string, path: string): SeenRequest[] =>
    seen.filter((request) => request.method === method && request.path === path);

  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://fake');
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const request = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: incoming.headers,
        body,
      };
      seen.push(request);
      const handlers = scripts.get(`${request.method} ${request.path}`);
      const handler = handlers !== undefined && handlers.length > 1 ? handlers.shift() : handlers?.[0];
      (handler ?? status(404, 'NotFound', `${url.pathname} not found`))(response, request);
      for (const check of waiting) check();
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const answer = (method: string, path: string, ...handlers: readonly Handler[]): void =>
    void scripts.set(`${method} ${path}`, [...handlers]);
  answer('GET', '/api', json(200, aggregatedDiscovery(KINDS)));
  answer('GET', '/apis', json(200, aggregatedDiscovery([])));
  const open: Cluster[] = [];
  return {
    url,
    seen,
    connections: () => connections,
    requests,
    answer,
    until: (method, path, count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (requests(method, path).length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    cluster: (options = {}) => {
      const credentials = fixedCredentials({ headers: { authorization: 'Bearer t' }, tls: {} });
      const cluster = createCluster({ name: 'fake', server: url, credentials, ...options });
      open.push(cluster);
      return cluster;
    },
    close: async () => {
      await Promise.all(open.map((cluster) => cluster.close()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
