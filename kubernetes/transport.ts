import type { Dispatcher } from 'undici';
import { SynclineError } from '../core/failures.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import type { Account } from '../core/accounts/account.ts';
import type { RequestSubject } from './api-status.ts';
import { apiErrorOf } from './api-status.ts';
import type { Connections, Lane } from './connections.ts';
import { connectionErrorOf, isLost, surelyUnsent } from './connection-failures.ts';
import { ApiError, ConnectionError } from './errors.ts';
import { pause, reasonOf } from './pause.ts';
import { headersFor, refusedImpersonation } from './impersonation.ts';
import type { FailedTry } from './retry-policy.ts';
import { retryDelayMs } from './retry-policy.ts';

/** One request to an API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly body?: Json;
  readonly contentType?: string;
  readonly accept?: string;
  /** Sending it twice does no more than sending it once, so a lost answer may be followed by another try. */
  readonly idempotent: boolean;
  /** What it is about, for messages. */
  readonly subject: RequestSubject;
}

/** Sends requests to one API server. All methods throw ApiError and ConnectionError, or the signal's reason. */
export interface Transport {
  /** The JSON object the server answered. */
  json(request: ApiRequest, signal: AbortSignal): Promise<JsonObject>;
  /** The text the server answered. */
  text(request: ApiRequest, signal: AbortSignal): Promise<string>;
  /**
   * The chunks of an answer that stays open, which is not retried. Reading throws ConnectionError when no byte has come
   * for `silenceMs` milliseconds or the connection broke.
   */
  stream(request: ApiRequest, silenceMs: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}

/** Where requests go and what they are sent with. */
export interface TransportOptions {
  /** Address of the API server, with a path where it is served below one. */
  readonly server: string;
  readonly connections: Connections;
  readonly userAgent: string;
  /** As whom requests are made; absent = as whoever the credentials are of. */
  readonly account?: Account;
}

/** Makes the transport to one API server over `options.connections`. */
export function createTransport(options: TransportOptions): Transport {
  const target = targetOf(options);
  const text = (request: ApiRequest, signal: AbortSignal): Promise<string> =>
    retried(request, signal, async () => {
      const answer = await authorized(options.connections, (lane) => answerTo(target, lane, request, signal));
      if (answer.code < 300) return answer.body;
      throw refusalOf(target, answer, request);
    });
  return {
    text,
    json: async (request, signal) => parsed(await text(request, signal), request, options.server),
    stream: (request, silenceMs, signal) => openStream(target, options.connections, request, silenceMs, signal),
    close: () => options.connections.close(),
  };
}

interface Target extends Pick<TransportOptions, 'server' | 'userAgent' | 'account'> {
  readonly origin: string;
  readonly basePath: string;
}

interface Answer {
  readonly code: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

function targetOf({ connections: _, ...options }: TransportOptions): Target {
  const url = new URL(options.server);
  return { ...options, origin: url.origin, basePath: url.pathname.replace(/\/+$/, '') };
}

/** Runs `attempt` again as the retry policy says, within its budget. */
async function retried<T>(request: ApiRequest, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  for (let failed = 1; ; failed++) {
    try {
      return await attempt();
    } catch (error) {
      const outcome = failedTryOf(error);
      const tries = { idempotent: request.idempotent, failed, elapsedMs: performance.now() - startedAt };
      const delay = outcome === undefined ? undefined : retryDelayMs(outcome, tries);
      if (delay === undefined) throw error;
      await pause(delay, signal);
    }
  }
}

function failedTryOf(error: unknown): FailedTry | undefined {
  if (error instanceof ApiError) {
    return { kind: 'answered', code: error.code, retryAfterSeconds: error.retryAfterSeconds };
  }
  if (error instanceof ConnectionError && isLost(error.cause)) {
    return { kind: 'lost', sent: !surelyUnsent(error.cause) };
  }
  return undefined;
}

/** Sends once more with renewed credentials after a 401: a request that was refused so was not processed. */
async function authorized<T extends { readonly code: number }>(
  connections: Connections,
  send: (lane: Lane) => Promise<T>,
): Promise<T> {
  const lane = await connections.lane();
  const answer = await send(lane);
  if (answer.code !== 401) return answer;
  const renewed = await connections.renewedLane(lane);
  return renewed === lane ? answer : await send(renewed);
}

async function answerTo(target: Target, lane: Lane, request: ApiRequest, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await lane.requests.request({ ...wireForm(target, lane, request), signal });
    const body = await response.body.text();
    return { code: response.statusCode, body, retryAfter: headerOf(response, 'retry-after') };
  } catch (error) {
    throw failureOf(error, target, request, signal);
  }
}

async function openStream(
  target: Target,
  connections: Connections,
  request: ApiRequest,
  silenceMs: number,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const open = async (lane: Lane): Promise<Answer & { readonly chunks: AsyncIterable<Uint8Array> }> => {
    try {
      const form = wireForm(target, lane, request);
      const response = await lane.streams.request({ ...form, signal, bodyTimeout: silenceMs });
      const body = response.statusCode < 300 ? '' : await response.body.text();
      return { code: response.statusCode, body, retryAfter: headerOf(response, 'retry-after'), chunks: response.body };
    } catch (error) {
      throw failureOf(error, target, request, signal);
    }
  };
  const answer = await authorized(connections, open);
  if (answer.code >= 300) throw refusalOf(target, answer, request);
  return chunksOf(answer.chunks, (error) => failureOf(error, target, request, signal));
}

async function* chunksOf(
  chunks: AsyncIterable<Uint8Array>,
  toError: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw toError(error);
  }
}

function wireForm(target: Target, lane: Lane, request: ApiRequest): Dispatcher.RequestOptions {
  return {
    origin: target.origin,
    path: `${target.basePath}${request.path}`,
    method: request.method,
    headers: {
      ...headersFor(lane.credentials, target.account),
      accept: request.accept ?? 'application/json',
      'user-agent': target.userAgent,
      ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    },
    body: request.body === undefined ? null : JSON.stringify(request.body),
  };
}

function refusalOf({ account }: Target, { code, body, retryAfter }: Answer, { subject }: ApiRequest): Error {
  const error = apiErrorOf(code, body, retryAfter, subject);
  return refusedImpersonation(account, error) ?? error;
}

function failureOf(error: unknown, target: Target, request: ApiRequest, signal: AbortSignal): Error {
  if (error instanceof SynclineError) return error;
  return signal.aborted ? reasonOf(signal) : connectionErrorOf(error, target.server, request.subject);
}

function headerOf(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parsed(body: string, request: ApiRequest, server: string): JsonObject {
  const { action, object } = request.subject;
  const unreadable = `Cannot ${action} ${object}: ${server} answered with something that is not a JSON object`;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The parser's own words quote the body, which may be a Secret.
    throw new ConnectionError(unreadable);
  }
  if (!isJsonObject(value)) throw new ConnectionError(unreadable);
  return value;
}
