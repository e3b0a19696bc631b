import type { Dispatcher } from 'undici';
import { EnvHttpProxyAgent } from 'undici';
import type { z } from 'zod';
import { failure, SynclineError } from '../../core/failures.ts';
import { reasonOf } from '../../kubernetes/pause.ts';
import type { Refused } from './problems.ts';
import { refusalError, unreached } from './problems.ts';
import { retried } from './retries.ts';

/** Where a Syncline server is, and who asks it. */
export interface ServerOptions {
  /** Its address, e.g. `https://syncline.example.com`; with a path where it is served below one. */
  readonly url: string;
  readonly token: string;
  /** The authority that its certificate is from, as PEM. @default those that Node.js knows */
  readonly ca?: string;
  /** Whether the token may cross a network in clear text, where something else protects it. @default false */
  readonly plainHttp?: boolean;
}

/** One request to a server. */
export interface ServerRequest {
  /** @default 'GET' */
  readonly method?: 'POST' | 'PUT' | 'DELETE';
  /** Below the server's address. */
  readonly path: string;
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether sending it twice does no more than sending it once. @default of a GET, PUT or DELETE it does */
  readonly repeatable?: boolean;
  /** How long the answer may take, ms. @default 2 minutes */
  readonly answerMs?: number;
}

/** A server that requests are sent to. Every method throws what `refusalError` makes of a refusal, and `ServerUnavailable` where no answer comes. */
export interface ServerConnection {
  readonly url: string;
  /** Sends a request, again where that is safe and may help, and answers what came as the schema has it. */
  ask<Schema extends z.ZodType>(schema: Schema, request: ServerRequest, signal: AbortSignal): Promise<z.output<Schema>>;
  /** Opens a stream of events after the one of an ID; undefined where there is no more to come. Not tried again. */
  open(path: string, after: string | undefined, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 120_000;
/** A stream tells that it lives every 15 s. */
const SILENCE_MS = 45_000;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Makes the connection to a server; no request is sent. Throws `InvalidRequest` for an address or a token that can't be one. */
export function serverConnection(options: ServerOptions): ServerConnection {
  const { url } = options;
  const { send, close } = wireTo(options);
  const answered = async (request: ServerRequest, signal: AbortSignal): Promise<string | Refused> => {
    const answer = await send(request, 'application/json', signal);
    const body = await answer.body.text();
    return answer.statusCode < 300 ? body : refusedBy(answer, body, url);
  };
  return {
    url,
    close,
    async ask(schema, request, signal) {
      const { repeatable = request.method !== 'POST' } = request;
      const text = await retried({ url, repeatable, send: () => answered(request, signal) }, signal);
      return parsed(schema, text, url);
    },
    async open(path, after, signal) {
      const headers = after === undefined ? {} : { 'last-event-id': after };
      try {
        const answer = await send({ path, headers }, 'text/event-stream', signal);
        if (answer.statusCode === 200) return answer.body;
        const body = await answer.body.text();
        if (answer.statusCode === 204) return undefined;
        throw refusalError(refusedBy(answer, body, url));
      } catch (error) {
        if (error instanceof SynclineError) throw error;
        throw signal.aborted ? reasonOf(signal) : unreached(url, error);
      }
    },
  };
}

/** What requests go over. */
interface Wire {
  readonly send: (request: ServerRequest, accept: string, signal: AbortSignal) => Promise<Dispatcher.ResponseData>;
  readonly close: () => Promise<void>;
}

function wireTo({ url, token, ca, plainHttp = false }: ServerOptions): Wire {
  const address = addressOf(url, plainHttp);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw failure('InvalidRequest', 'the token holds what no token can hold', { remedy: 'give it as it was printed' });
  }
  const tls = ca === undefined ? {} : { ca };
  const dispatcher = new EnvHttpProxyAgent({ connect: { ...tls, timeout: CONNECT_MS }, requestTls: tls });
  return {
    close: () => dispatcher.destroy(),
    send: ({ method = 'GET', path, query, body, headers, answerMs = ANSWER_MS }, accept, signal) =>
      dispatcher.request({
        ...{ origin: address.origin, path: `${address.pathname}${path}${searchOf(query)}`, method, signal },
        ...{ headersTimeout: answerMs, bodyTimeout: SILENCE_MS },
        headers: {
          ...{ authorization: `Bearer ${token}`, accept, 'user-agent': 'syncline' },
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      }),
  };
}

function searchOf(query: ServerRequest['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search.toString()}`;
}

function refusedBy({ statusCode, headers }: Dispatcher.ResponseData, body: string, url: string): Refused {
  const seconds = Number(headers['retry-after'] ?? NaN);
  return { status: statusCode, body, url, ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {}) };
}

function parsed<Schema extends z.ZodType>(schema: Schema, text: string, url: string): z.output<Schema> {
  try {
    const value: unknown = JSON.parse(text);
    schema.parse(value);
    // What a newer server says besides is kept: the schema says what there must be.
    return value as z.output<Schema>;
  } catch (cause) {
    const remedy = 'use the same version of Syncline for both';
    throw failure('InvalidRequest', `the server ${url} answers what this Syncline can’t read`, { remedy }, { cause });
  }
}

function addressOf(text: string, plainHttp: boolean): { readonly origin: string; readonly pathname: string } {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || `${url.username}${url.search}${url.hash}` !== '') {
    // It is not repeated: credentials may stand in it.
    throw failure('InvalidRequest', 'what is given as the server is not the address of one', {
      remedy: 'write it as https://HOST[:PORT][/PATH], with nothing else in it',
    });
  }
  if (url.protocol === 'http:' && !plainHttp && !LOOPBACK.test(url.hostname)) {
    throw failure('InvalidRequest', `the token would cross the network to ${url.host} in clear text`, {
      remedy: 'use https, or say --plain-http where something else protects the connection',
    });
  }
  return { origin: url.origin, pathname: url.pathname.replace(/\/+$/, '') };
}
