import { z } from 'zod';
import { MAY } from './access/roles.ts';
import type { Route } from './route.ts';
import { problem } from '../client/http/schemas/vocabulary.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Problems that every route with a token may have. */
const COMMON = [400, 401, 403, 429, 500, 503] as const;

/** The OpenAPI 3.1 document of routes: made from the very schemas that their requests are read with. */
export function openApiDocument(routes: readonly Route[], version: string): JsonSchema {
  const components: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of routes) {
    (paths[each.path] ??= {})[each.method.toLowerCase()] = operationOf(each, components);
  }
  const problems = { content: { 'application/problem+json': { schema: schemaOf(problem, components) } } };
  const statuses = [...new Set([...COMMON, ...routes.flatMap((each) => each.problems)])].sort((a, b) => a - b);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Syncline',
      version,
      description: 'Starts, follows and steers syncs. See docs/api.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Made by `syncline token create`.' } },
      schemas: Object.fromEntries(Object.entries(components).sort(([a], [b]) => a.localeCompare(b))),
      responses: Object.fromEntries(
        statuses.map((status) => [
          `Problem${String(status)}`,
          { description: `A problem of status ${String(status)}.`, ...problems },
        ]),
      ),
    },
  };
}

function operationOf(each: Route, components: Record<string, unknown>): JsonSchema {
  const { operation, summary, access, body = each.received } = each;
  const open = access === 'open' || access === 'signed';
  const common = access === 'open' ? [500, 503] : COMMON;
  const problems = [...new Set([...common, ...each.problems])].sort((a, b) => a - b);
  return {
    operationId: operation,
    summary,
    ...(open ? { security: [] } : { description: `For the roles ${MAY[access].join(', ')}.` }),
    parameters: [
      ...parametersOf('path', each.params, components),
      ...parametersOf('query', each.query, components),
      ...Object.entries(each.headers ?? {}).map(([name, description]) => ({
        ...{ name, in: 'header', required: false, description },
        schema: { type: 'string' },
      })),
    ],
    ...(body === undefined ? {} : { requestBody: requestBodyOf(each, body, components) }),
    responses: {
      ...answerOf(each, components),
      ...Object.fromEntries(
        problems.map((status) => [String(status), { $ref: `#/components/responses/Problem${String(status)}` }]),
      ),
    },
  };
}

function parametersOf(
  place: 'path' | 'query',
  schema: z.ZodType | undefined,
  components: Record<string, unknown>,
): readonly JsonSchema[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, components) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...shape }]) => ({
    ...{ name, in: place, required: place === 'path' || required.includes(name) },
    ...(description === undefined ? {} : { description }),
    schema: shape,
  }));
}

function requestBodyOf(each: Route, body: z.ZodType, components: Record<string, unknown>): JsonSchema {
  const schema = schemaOf(body, components);
  const form = {
    type: 'object',
    required: ['order', 'archive'],
    properties: {
      order: schema,
      archive: { type: 'string', contentMediaType: 'application/octet-stream', description: 'tar.gz, tar or zip.' },
    },
  };
  return {
    required: each.bodyOptional !== true,
    content: {
      'application/json': { schema },
      ...(each.archive === true
        ? { 'multipart/form-data': { schema: form, encoding: { order: { contentType: 'application/json' } } } }
        : {}),
    },
  };
}

function answerOf({ answer }: Route, components: Record<string, unknown>): JsonSchema {
  const schema = schemaOf(answer.schema, components);
  const { description } = answer;
  if (answer.kind === 'json') return { [answer.status]: { description, content: { 'application/json': { schema } } } };
  return { 200: { description, content: { 'text/event-stream': { schema: { type: 'string' }, 'x-event': schema } } } };
}

/** A schema as JSON Schema; those that have an ID become components, and references to them. */
function schemaOf(schema: z.ZodType, components: Record<string, unknown>): JsonSchema {
  const whole = z.toJSONSchema(z.object({ root: schema }), { io: 'input', unrepresentable: 'any' });
  const { root } = whole.properties as { readonly root: JsonSchema };
  for (const [id, definition] of Object.entries(whole.$defs ?? {})) components[id] = referring(definition);
  return referring(root) as JsonSchema;
}

function referring(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      if (key === '$ref' && typeof inner === 'string')
        return [[key, inner.replace('#/$defs/', '#/components/schemas/')]];
      return [[key, referring(inner)]];
    }),
  );
}
