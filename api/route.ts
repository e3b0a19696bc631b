import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { SynclineClient } from '../client/syncline-client.ts';
import type { Action } from './access/roles.ts';
import type { Principal } from './access/token.ts';
import type { FieldProblem } from './problem.ts';
import { ProblemError } from './problem.ts';
import type { Channels } from './streams/channel.ts';
import type { OpenStreams } from './streams/open-streams.ts';
import type { Webhooks } from './webhooks/webhook-file.ts';

/** What the handlers of routes work with. */
export interface Service {
  readonly client: SynclineClient;
  /** Globs of the locations that sources may be read from. */
  readonly sources: readonly string[];
  /** The variables that sources are read with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly channels: Channels;
  readonly openStreams: OpenStreams;
  /** Absent where no webhooks are taken. */
  readonly webhooks: Webhooks | undefined;
  /** Now, ms since 1970. */
  readonly now: () => number;
  /** Aborts once the server is told to stop. */
  readonly stopping: AbortSignal;
}

/**
 * Who may use a route: `open` to anybody, `signed` to whoever signs what is sent, or those whose role allows the action; of the application
 * in the path where there is one.
 */
export type Access = 'open' | 'signed' | Action;

/** What a route answers: a JSON document, or a stream of events. */
export type AnswerSchema =
  | { readonly kind: 'json'; readonly status: 200 | 202; readonly schema: z.ZodType; readonly description: string }
  | { readonly kind: 'events'; readonly schema: z.ZodType; readonly description: string };

/** A request, read and allowed. */
export interface Ask<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly principal: Principal;
  /** Where an uploaded archive was put; absent where none came. */
  readonly archive: string | undefined;
  /** Aborts when the client is gone or the server stops. */
  readonly signal: AbortSignal;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type Schema = z.ZodType;

/** A route as it is written down: the schemas that its requests are read with are also those of the OpenAPI document. */
export interface RouteDefinition<Params extends Schema, Query extends Schema, Body extends Schema> {
  /** The operation's ID. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters as `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: Params;
  readonly query?: Query;
  /** The body, as JSON. */
  readonly body?: Body;
  /** Whether the body may also be `multipart/form-data`: the JSON as `order`, and an archive. */
  readonly archive?: boolean;
  /** Whether the body may be left out. */
  readonly bodyOptional?: boolean;
  /** The body where the route itself reads its bytes, which were signed; for the document. */
  readonly received?: z.ZodType;
  /** Headers it knows besides. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: AnswerSchema;
  /** Problems by HTTP status that it has besides those of every route. */
  readonly problems: readonly number[];
  readonly handle: (ask: Ask<z.output<Params>, z.output<Query>, z.output<Body>>, service: Service) => Promise<unknown>;
}

/** A route whose requests are still to be read. */
export interface Route extends Omit<RouteDefinition<Schema, Schema, Schema>, 'handle'> {
  readonly handle: (ask: Ask<unknown, unknown, unknown>, service: Service) => Promise<unknown>;
}

/** Makes a route that reads its requests by its schemas. Reading throws a `ProblemError`: 400 for what stands in the address, 422 for the body. */
export function route<Params extends Schema, Query extends Schema, Body extends Schema>(
  definition: RouteDefinition<Params, Query, Body>,
): Route {
  const { params, query, body, handle, ...rest } = definition;
  return {
    ...rest,
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    handle: (ask, service) =>
      handle(
        {
          ...ask,
          params: read(params, ask.params, 'path', 'MalformedRequest'),
          query: read(query, ask.query, 'query', 'MalformedRequest'),
          body: read(body, ask.body ?? {}, 'body', 'InvalidFields'),
        },
        service,
      ),
  };
}

/** Reads a body by a schema. Throws a `ProblemError`. */
export function readBody<S extends Schema>(schema: S, value: unknown): z.output<S> {
  return read(schema, value, 'body', 'InvalidFields');
}

function read<S extends Schema>(
  schema: S | undefined,
  value: unknown,
  part: string,
  name: 'MalformedRequest' | 'InvalidFields',
): z.output<S> {
  if (schema === undefined) return undefined as z.output<S>;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.slice(0, MOST_FIELDS).map((issue) => fieldProblem(part, issue));
  const detail = fields.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ProblemError(name, detail, { fields });
}

/** More would help nobody. */
const MOST_FIELDS = 20;

/** What is wrong with a field, without the value that stands there: it may be a Secret's. */
function fieldProblem(part: string, issue: z.core.$ZodIssue): FieldProblem {
  return { path: [part, ...issue.path.map(String)].join('.'), message: issue.message };
}
