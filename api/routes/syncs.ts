import { z } from 'zod';
import { covers } from '../access/token.ts';
import type { Route } from '../route.ts';
import { route } from '../route.ts';
import {
  hookEvents,
  hookEvidence,
  hookList,
  hookLog,
  plan,
  resourceList,
  syncList,
} from '../../client/http/schemas/answers.ts';
import { syncView } from '../../client/http/schemas/status.ts';
import { label } from '../../client/http/schemas/vocabulary.ts';
import {
  applicationParams,
  APPLICATION_PATH,
  handleAt,
  HOOK_PATH,
  hookParams,
  SYNC_PATH,
  syncParams,
} from './paths.ts';

const json = (schema: z.ZodType, description: string) => ({ kind: 'json', status: 200, schema, description }) as const;
const limit = z.coerce.number().int().min(1).max(1_000).default(100).describe('The most syncs to list.');
const tail = z.coerce.number().int().min(1).max(2_000).exactOptional().describe('The most lines while it runs.');
const attempt = z.coerce.number().int().min(1).max(10_000).exactOptional().describe('An earlier attempt, from 1.');

/** The routes that only look. */
export const READING: readonly Route[] = [
  route({
    operation: 'listSyncs',
    method: 'GET',
    path: '/v1/syncs',
    summary: 'List the latest sync of each application that the token is for',
    access: 'read',
    query: z.strictObject({
      cluster: label(63).exactOptional(),
      application: label(50).exactOptional(),
      all: z.enum(['true', 'false']).default('false').describe('Older syncs too, as far as Temporal still knows them.'),
      limit,
    }),
    answer: json(syncList, 'The syncs, newest first.'),
    problems: [],
    handle: async ({ query, principal, signal }, { client }) => {
      const { all, ...narrowed } = query;
      const includes = (names: { readonly cluster: string; readonly application: string }) => covers(principal, names);
      return { version: 1, syncs: await client.list({ ...narrowed, includes, newestOnly: all === 'false', signal }) };
    },
  }),
  route({
    operation: 'listHistory',
    method: 'GET',
    path: `${APPLICATION_PATH}/syncs`,
    summary: 'List the syncs of an application',
    access: 'read',
    params: applicationParams,
    query: z.strictObject({ limit }),
    answer: json(syncList, 'The syncs, newest first.'),
    problems: [],
    handle: async ({ params, query, signal }, service) => ({
      version: 1,
      syncs: await handleAt(service, { ...params, run: 'latest' }).history({ ...query, signal }),
    }),
  }),
  route({
    operation: 'getSync',
    method: 'GET',
    path: SYNC_PATH,
    summary: 'Say where a sync stands',
    access: 'read',
    params: syncParams,
    answer: json(syncView, 'All that is known of it now.'),
    problems: [404],
    handle: async ({ params, signal }, service) => ({
      version: 1,
      ...(await handleAt(service, params).status({ signal })),
    }),
  }),
  route({
    operation: 'getPlan',
    method: 'GET',
    path: `${SYNC_PATH}/plan`,
    summary: 'Show the plan that a sync executes',
    access: 'read',
    params: syncParams,
    answer: json(plan, 'Phases, waves and steps.'),
    problems: [404],
    handle: ({ params, signal }, service) => handleAt(service, params).plan({ signal }),
  }),
  route({
    operation: 'listResources',
    method: 'GET',
    path: `${SYNC_PATH}/resources`,
    summary: 'List the resources of a sync with their states',
    access: 'read',
    params: syncParams,
    answer: json(resourceList, 'The resources, in the order of the plan.'),
    problems: [404],
    handle: async ({ params, signal }, service) => ({
      version: 1,
      resources: await handleAt(service, params).resources({ signal }),
    }),
  }),
  route({
    operation: 'listHooks',
    method: 'GET',
    path: `${SYNC_PATH}/hooks`,
    summary: 'List the hooks of a sync with attempts and times',
    access: 'read',
    params: syncParams,
    answer: json(hookList, 'The hooks, in the order of the plan.'),
    problems: [404],
    handle: async ({ params, signal }, service) => ({
      version: 1,
      hooks: await handleAt(service, params).hooks({ signal }),
    }),
  }),
  route({
    operation: 'getLogs',
    method: 'GET',
    path: `${HOOK_PATH}/logs`,
    summary: 'Read a hook’s log: live while it runs, what was kept of it afterwards',
    access: 'read',
    params: hookParams,
    query: z.strictObject({ attempt, container: z.string().max(253).exactOptional(), tail }),
    answer: json(hookLog, 'The log, container by container.'),
    problems: [404, 409, 410, 422],
    handle: async ({ params, query, signal }, service) => ({
      version: 1,
      ...(await handleAt(service, params).logs(params.hook, { ...query, signal })),
    }),
  }),
  route({
    operation: 'getHookEvents',
    method: 'GET',
    path: `${HOOK_PATH}/events`,
    summary: 'Read what Kubernetes said of a hook and its pods',
    access: 'read',
    params: hookParams,
    query: z.strictObject({ attempt }),
    answer: json(hookEvents, 'The events, oldest first.'),
    problems: [404, 409, 410, 422],
    handle: async ({ params, query, signal }, service) => ({
      version: 1,
      ...(await handleAt(service, params).events(params.hook, { ...query, signal })),
    }),
  }),
  route({
    operation: 'getEvidence',
    method: 'GET',
    path: `${HOOK_PATH}/evidence`,
    summary: 'Read all that was kept of one attempt of a hook',
    access: 'read',
    params: hookParams,
    query: z.strictObject({ attempt }),
    answer: json(hookEvidence, 'Logs, container states and events.'),
    problems: [404, 410, 422],
    handle: ({ params, query, signal }, service) =>
      handleAt(service, params).evidence(params.hook, { ...query, signal }),
  }),
];
