import { z } from 'zod';
import type { Route } from '../route.ts';
import { route } from '../route.ts';
import { health, workerList } from '../../client/http/schemas/answers.ts';

/** How long readiness waits for Temporal, ms. */
const READY_MS = 2_000;

/** The routes about the server itself. */
export const SERVER: readonly Route[] = [
  route({
    operation: 'getHealth',
    method: 'GET',
    path: '/healthz',
    summary: 'Say whether the server lives',
    access: 'open',
    answer: { kind: 'json', status: 200, schema: health, description: 'It does.' },
    problems: [],
    handle: () => Promise.resolve({ status: 'ok' }),
  }),
  route({
    operation: 'getReadiness',
    method: 'GET',
    path: '/readyz',
    summary: 'Say whether the server can work: whether Temporal answers',
    access: 'open',
    answer: { kind: 'json', status: 200, schema: health, description: 'It can.' },
    problems: [],
    handle: async ({ signal }, { client, stopping }) => {
      stopping.throwIfAborted();
      await client.workers({ signal: AbortSignal.any([signal, AbortSignal.timeout(READY_MS)]) });
      return { status: 'ok', temporal: true };
    },
  }),
  route({
    operation: 'listWorkers',
    method: 'GET',
    path: '/v1/workers',
    summary: 'List the workers that poll for syncs',
    access: 'read',
    query: z.strictObject({}),
    answer: { kind: 'json', status: 200, schema: workerList, description: 'The workers; with none, a sync waits.' },
    problems: [],
    handle: async ({ signal }, { client }) => ({ version: 1, workers: await client.workers({ signal }) }),
  }),
];
