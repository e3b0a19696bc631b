import { z } from 'zod';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';
import { APPLICATIONS } from './routes/applications.ts';
import { STEERING } from './routes/commands.ts';
import { DEFINITIONS } from './routes/definitions.ts';
import { HISTORY } from './routes/history.ts';
import { SCHEDULES } from './routes/schedules.ts';
import { SERVER } from './routes/server.ts';
import { STREAMS } from './routes/streams.ts';
import { READING } from './routes/syncs.ts';
import { WEBHOOKS } from './routes/webhooks.ts';

/** All routes. The last one serves the document of them all; `version` is the one that it names. */
export function routesOf(version: string): readonly Route[] {
  const routes: Route[] = [
    ...[...SERVER, ...READING, ...STREAMS, ...HISTORY],
    ...[...DEFINITIONS, ...APPLICATIONS, ...STEERING],
    ...[...SCHEDULES, ...WEBHOOKS],
  ];
  routes.push(
    route({
      operation: 'getDocument',
      method: 'GET',
      path: '/v1/openapi.json',
      summary: 'Read this document',
      access: 'read',
      answer: {
        kind: 'json',
        status: 200,
        schema: z.looseObject({ openapi: z.string() }),
        description: 'The OpenAPI 3.1 document.',
      },
      problems: [],
      handle: () => Promise.resolve(document),
    }),
  );
  const document = openApiDocument(routes, version);
  return routes;
}
