import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** An OCI registry on this machine. */
export interface Registry {
  /** `oci://127.0.0.1:…` */
  readonly address: string;
  /** What was asked of it, e.g. `GET /v2/charts/tiny/manifests/1.0.0`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** What a registry is served with. */
export interface RegistryOptions {
  readonly key: string;
  readonly cert: string;
  /** The user and password that every request must bring. */
  readonly login: { readonly user: string; readonly password: string };
}

interface Stored {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Starts a registry: the part of the OCI distribution specification that a push and a pull of a chart take, over TLS, for one login. */
export async function startRegistry({ key, cert, login }: RegistryOptions): Promise<Registry> {
  const stored = new Map<string, Stored>();
  const asked: string[] = [];
  const authorization = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const server = createServer({ key, cert }, (request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (request.headers.authorization !== authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="charts"' }).end();
      return;
    }
    void answer(request, response, stored);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `oci://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, stored: Map<string, Stored>): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://registry');
  const body = await buffer(request);
  const [, name = '', what = '', reference = ''] = /^\/v2\/(.+)\/(blobs|manifests|tags)\/(.*)$/.exec(pathname) ?? [];
  if (pathname === '/v2/') response.writeHead(200).end();
  else if (what === 'tags') tags(response, name, stored);
  else if (request.method === 'POST') response.writeHead(202, { location: `/v2/${name}/blobs/uploads/1` }).end();
  else if (request.method === 'PUT')
    put(
      response,
      { name, what, reference: searchParams.get('digest') ?? reference },
      { type: request.headers['content-type'] ?? '', bytes: body },
      stored,
    );
  else get(request, response, stored.get(`${name}/${what}/${reference}`));
}

function tags(response: ServerResponse, name: string, stored: ReadonlyMap<string, Stored>): void {
  const prefix = `${name}/manifests/`;
  const found = [...stored.keys()].filter((key) => key.startsWith(prefix) && !key.includes('sha256:'));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ name, tags: found.map((key) => key.slice(prefix.length)) }));
}

function put(
  response: ServerResponse,
  { name, what, reference }: { readonly name: string; readonly what: string; readonly reference: string },
  content: Stored,
  stored: Map<string, Stored>,
): void {
  const digest = digestOf(content.bytes);
  for (const key of [reference, digest]) stored.set(`${name}/${what}/${key}`, content);
  response.writeHead(201, { location: `/v2/${name}/${what}/${digest}`, 'docker-content-digest': digest }).end();
}

function get(request: IncomingMessage, response: ServerResponse, found: Stored | undefined): void {
  if (found === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
    return;
  }
  const type = found.type === '' ? 'application/octet-stream' : found.type;
  response.writeHead(200, {
    'content-type': type,
    'content-length': found.bytes.length,
    'docker-content-digest': digestOf(found.bytes),
  });
  response.end(request.method === 'HEAD' ? undefined : found.bytes);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
