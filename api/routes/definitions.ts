import type { z } from 'zod';
import type { ApplicationDefinition } from '../../client/index.ts';
import { definition, definitionList } from '../../client/http/schemas/applications.ts';
import { done } from '../../client/http/schemas/answers.ts';
import { readDefinition } from '../../core/application/read-definition.ts';
import { failure, SynclineError } from '../../core/failures.ts';
import type { Json } from '../../core/json.ts';
import { covers } from '../access/token.ts';
import type { Scope } from '../access/token.ts';
import type { Route } from '../route.ts';
import { route } from '../route.ts';
import { APPLICATION_PATH, applicationParams, CLUSTER_PATH, clusterParams } from './paths.ts';

const json = (schema: z.ZodType, description: string) => ({ kind: 'json', status: 200, schema, description }) as const;
const DEFINITION_PATH = `${APPLICATION_PATH}/definition`;
const DONE = { version: 1, accepted: true } as const;

/** The routes about the applications that are kept in a cluster. */
export const DEFINITIONS: readonly Route[] = [
  route({
    operation: 'listApplications',
    method: 'GET',
    path: `${CLUSTER_PATH}/applications`,
    summary: 'List the applications that are kept in a cluster and that the token is for',
    access: 'read',
    params: clusterParams,
    answer: json(definitionList, 'The applications, by name.'),
    problems: [422],
    handle: async ({ params: { cluster }, principal, signal }, { client }) => {
      const kept = await client.applications.list({ cluster, signal });
      const shown = kept.filter(({ application }) => covers(principal, { cluster, application }));
      return { version: 1, applications: shown };
    },
  }),
  route({
    operation: 'getApplication',
    method: 'GET',
    path: DEFINITION_PATH,
    summary: 'Show an application as it is kept',
    access: 'read',
    params: applicationParams,
    answer: json(definition, 'Its source, its destination and its options.'),
    problems: [404, 422],
    handle: ({ params: { cluster, application }, signal }, { client }) =>
      client.applications.get(application, { cluster, signal }),
  }),
  route({
    operation: 'setApplication',
    method: 'PUT',
    path: DEFINITION_PATH,
    summary: 'Keep an application, in the place of what was kept of it',
    access: 'define',
    params: applicationParams,
    body: definition,
    answer: json(done, 'It is kept.'),
    problems: [413, 415, 422],
    handle: async ({ params, body, signal }, { client }) => {
      await client.applications.set(definitionIn(body, params), { cluster: params.cluster, signal });
      return DONE;
    },
  }),
  route({
    operation: 'forgetApplication',
    method: 'DELETE',
    path: DEFINITION_PATH,
    summary: 'Keep an application no longer; its objects stay',
    access: 'define',
    params: applicationParams,
    answer: json(done, 'It is kept no longer.'),
    problems: [404, 413, 415, 422],
    handle: async ({ params: { cluster, application }, signal }, { client }) => {
      await client.applications.delete(application, { cluster, signal });
      return DONE;
    },
  }),
];

/** The definition that a body is. Throws `InvalidRequest` with all that is wrong in it, and where it is of another application than the address. */
function definitionIn(body: z.output<typeof definition>, { application }: Scope): ApplicationDefinition {
  const read = readDefinition(body as unknown as Json, 'body');
  const [first, ...others] = read.failures;
  if (first !== undefined) throw new SynclineError([first, ...others]);
  if (read.definition?.application === application) return read.definition;
  throw failure('InvalidRequest', `the definition is of ${body.application}, the address of ${application}`, {
    remedy: 'name the same application in both',
  });
}
