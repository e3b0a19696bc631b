import { z } from 'zod';
import { applicationHistory, earlierOrder } from '../../client/http/schemas/applications.ts';
import { label } from '../../client/http/schemas/vocabulary.ts';
import type { Route } from '../route.ts';
import { route } from '../route.ts';
import { APPLICATION_PATH, applicationParams } from './paths.ts';

const namespace = label(63).exactOptional().describe('That of its record; else wherever the cluster has it.');
const to = z.string().min(1).max(100).exactOptional().describe('The number or ID of the sync to go back to.');

/** The routes about what was synced before. */
export const HISTORY: readonly Route[] = [
  route({
    operation: 'getHistory',
    method: 'GET',
    path: `${APPLICATION_PATH}/history`,
    summary: 'Show the syncs of an application that its cluster keeps, also when Temporal no longer knows them',
    access: 'read',
    params: applicationParams,
    query: z.strictObject({ namespace }),
    answer: { kind: 'json', status: 200, schema: applicationHistory, description: 'The syncs, newest first.' },
    problems: [404, 422],
    handle: ({ params: { cluster, application }, query, signal }, { client }) =>
      client.history(application, { cluster, signal, ...query }),
  }),
  route({
    operation: 'getLatestOrder',
    method: 'GET',
    path: `${APPLICATION_PATH}/order`,
    summary: 'Show the order of the latest sync',
    access: 'read',
    params: applicationParams,
    answer: {
      kind: 'json',
      status: 200,
      schema: earlierOrder,
      description: 'What was asked for, with the digest of its manifests.',
    },
    problems: [404, 409],
    handle: async ({ params: { cluster, application }, signal }, { client }) => ({
      version: 1,
      ...(await client.latestOrder(application, { cluster, signal })),
    }),
  }),
  route({
    operation: 'getRollbackOrder',
    method: 'GET',
    path: `${APPLICATION_PATH}/rollback-order`,
    summary: 'Show what a rollback would sync; `rollback` in the order of a sync asks for it',
    access: 'read',
    params: applicationParams,
    query: z.strictObject({ namespace, to }),
    answer: {
      kind: 'json',
      status: 200,
      schema: earlierOrder,
      description: 'The order of that time, with the digest of its manifests and the sync that it goes back to.',
    },
    problems: [404, 422],
    handle: async ({ params: { cluster, application }, query, principal, signal }, { client }) => ({
      version: 1,
      ...(await client.rollbackOrder(application, { cluster, requestedBy: principal.subject, signal, ...query })),
    }),
  }),
];
