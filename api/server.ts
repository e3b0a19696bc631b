import { randomUUID } from 'node:crypto';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import { fastify, LogController } from 'fastify';
import type { SynclineClient } from '../client/syncline-client.ts';
import { authorise, findPrincipal } from './access/authorisation.ts';
import type { TokenStore } from './access/token-file.ts';
import type { Principal } from './access/token.ts';
import { answer } from './answering.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { headersOf, problemOfRequest, sendProblem } from './failing.ts';
import { addressOf, refuseOtherMethods } from './other-methods.ts';
import { ProblemError } from './problem.ts';
import type { Route, Service } from './route.ts';
import { routesOf } from './routes.ts';
import { channels } from './streams/channel.ts';
import { openStreams } from './streams/open-streams.ts';
import type { Webhooks } from './webhooks/webhook-file.ts';
import { ARCHIVE_LIMIT_BYTES, ORDER_LIMIT_BYTES } from './uploads.ts';

/** What a server is made of. */
export interface ServerOptions {
  readonly client: SynclineClient;
  readonly tokens: TokenStore;
  /** The version that the OpenAPI document names. */
  readonly version: string;
  readonly log: FastifyBaseLogger;
  /** Globs of the locations that it may read manifests from. @default none */
  readonly sources?: readonly string[];
  /** The variables that sources are read with. @default the process's own */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** PEM texts; absent = plain HTTP, for behind a proxy. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The most requests a minute of one token, and of one address without. @default 1200 */
  readonly requestsPerMinute?: number;
  /** The most event streams that one token may have open. @default 256 */
  readonly streamsPerToken?: number;
  /** Whether the sender's address is told by a proxy in front (`X-Forwarded-For`). @default false */
  readonly behindProxy?: boolean;
  /** Which webhooks it takes. @default none */
  readonly webhooks?: Webhooks;
  /** Now, ms since 1970. @default the clock */
  readonly now?: () => number;
}

/** The most bytes of a JSON body: what manifests may have in all, and their quoting. */
export const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/** How long a request may take to come, ms: time for the largest body over a slow line, and not for ever. Node gives its headers a minute. */
const REQUEST_MS = 300_000;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, where a good token came; undefined otherwise. */
    principal: Principal | undefined;
  }
}

/** A server that does not listen yet. */
export interface ApiServer {
  readonly http: FastifyInstance;
  /** Ends event streams, lets requests come to their end for a moment, then breaks them off. Resolves once nothing is open. */
  stop(): Promise<void>;
}

/** How long requests may go on once the server is told to stop, ms. */
const GRACE_MS = 10_000;

/** Makes the HTTP server. Nothing is asked of Temporal until a request comes. */
export async function createServer(options: ServerOptions): Promise<ApiServer> {
  const { client, tokens, sources = [], env = process.env, now = Date.now } = options;
  const stopping = new AbortController();
  const broken = new AbortController();
  const { webhooks } = options;
  const streams = { channels: channels(), openStreams: openStreams(options.streamsPerToken) };
  const service: Service = { client, sources, env, ...streams, webhooks, now, stopping: stopping.signal };
  const http = frame(options);
  http.addHook('onRequest', async (request, reply) => {
    request.principal = await findPrincipal(request.headers.authorization, tokens, now());
    void reply.headers(headersOf(request));
  });
  await limitRequests(http, options.requestsPerMinute ?? 1_200);
  await http.register(multipart, {
    limits: { fileSize: ARCHIVE_LIMIT_BYTES, fieldSize: ORDER_LIMIT_BYTES, files: 1, fields: 1, parts: 2 },
  });
  const routes = routesOf(options.version);
  for (const each of routes) if (each.access !== 'signed') addRoute(http, each, service, broken.signal);
  await http.register((scope, _, done) => {
    keepBytes(scope);
    for (const each of routes) if (each.access === 'signed') addRoute(scope, each, service, broken.signal);
    done();
  });
  refuseOtherMethods(http, routes);
  return {
    http,
    async stop() {
      stopping.abort(new ProblemError('ShuttingDown', 'the server is shutting down'));
      const late = setTimeout(() => broken.abort(stopping.signal.reason), GRACE_MS);
      await http.close();
      clearTimeout(late);
    },
  };
}

function frame({ log, tls, behindProxy = false }: ServerOptions): FastifyInstance {
  const http = fastify({
    ...(tls === undefined ? {} : { https: { ...tls, minVersion: 'TLSv1.2' } }),
    loggerInstance: log,
    // What a request asks for may hold what nobody should read: one line of our own tells of each.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_MS,
    clientErrorHandler: answerBrokenRequest,
    trustProxy: behindProxy,
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    routerOptions: { maxParamLength: 2_000 },
  }) as FastifyInstance;
  http.decorateRequest('principal', undefined);
  http.removeContentTypeParser('text/plain');
  http.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  http.setNotFoundHandler(problemOfRequest(() => new ProblemError('NotFound', 'there is nothing at this address')));
  http.addHook('onResponse', (request, reply, done) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ...(request.principal === undefined ? {} : { token: request.principal.id, subject: request.principal.subject }),
      },
      'request',
    );
    done();
  });
  return http;
}

async function limitRequests(http: FastifyInstance, perMinute: number): Promise<void> {
  await http.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => request.principal?.id ?? request.ip,
    errorResponseBuilder: (_request, { after }) =>
      new ProblemError('TooManyRequests', `too many requests; try again in ${after}`),
  });
}

/** The most bytes of a webhook, which anybody may send. */
const WEBHOOK_LIMIT_BYTES = 5 * 1024 * 1024;

/** Bodies are kept as the bytes they came as: those are what was signed. */
function keepBytes(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  const asBytes = { parseAs: 'buffer', bodyLimit: WEBHOOK_LIMIT_BYTES } as const;
  scope.addContentTypeParser('application/json', asBytes, (_request, body, done) => done(null, body));
}

function addRoute(http: FastifyInstance, route: Route, service: Service, broken: AbortSignal): void {
  http.route({
    method: route.method,
    url: addressOf(route.path),
    // Before the body is read: who may not ask sends nothing but headers.
    preParsing: (request, _reply, _payload, done) => {
      try {
        authorise(route.access, request);
        done(null);
      } catch (error) {
        done(error as Error);
      }
    },
    ...(route.access === 'open' ? { config: { rateLimit: false } } : {}),
    handler: (request, reply) => answer(route, request, reply, service, broken),
  });
}
