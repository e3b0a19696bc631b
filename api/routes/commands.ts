import type { z } from 'zod';
import type { SyncHandle } from '../../client/handle.ts';
import type { Route } from '../route.ts';
import { route } from '../route.ts';
import { accepted, done } from '../../client/http/schemas/answers.ts';
import { abortOrder, approval, rejection, retryOrder, skipOrder } from '../../client/http/schemas/orders.ts';
import { handleAt, SYNC_PATH, syncParams } from './paths.ts';

const json = (schema: z.ZodType, description: string) => ({ kind: 'json', status: 202, schema, description }) as const;
const DONE = { version: 1, accepted: true } as const;

/** A sync that was begun or goes on, as answers name it. */
export function acceptedSync({ application, cluster, workflowId, runId, syncId, warnings }: SyncHandle) {
  const ids = { ...(runId === undefined ? {} : { runId }), ...(syncId === undefined ? {} : { syncId }) };
  return { version: 1, application, cluster, workflowId, ...ids, warnings } as const;
}

/** The routes that steer a sync. */
export const STEERING: readonly Route[] = [
  route({
    operation: 'retrySync',
    method: 'POST',
    path: `${SYNC_PATH}/retry`,
    summary: 'Let a sync that failed go on, with the same plan',
    access: 'sync',
    params: syncParams,
    body: retryOrder,
    bodyOptional: true,
    answer: json(accepted, 'The run that goes on.'),
    problems: [404, 409, 413, 415, 422],
    handle: async ({ params, body, principal, signal }, service) =>
      acceptedSync(await handleAt(service, params).retry({ by: principal.subject, ...body }, { signal })),
  }),
  route({
    operation: 'skipStep',
    method: 'POST',
    path: `${SYNC_PATH}/skip`,
    summary: 'Let a sync that failed go on without one step',
    access: 'sync',
    params: syncParams,
    body: skipOrder,
    answer: json(accepted, 'The run that goes on.'),
    problems: [404, 409, 413, 415, 422],
    handle: async ({ params, body, principal, signal }, service) =>
      acceptedSync(await handleAt(service, params).skip({ by: principal.subject, ...body }, { signal })),
  }),
  route({
    operation: 'approveSync',
    method: 'POST',
    path: `${SYNC_PATH}/approve`,
    summary: 'Let a sync go on that waits for an approval',
    access: 'decide',
    params: syncParams,
    body: approval,
    bodyOptional: true,
    answer: json(done, 'The decision was taken.'),
    problems: [404, 409, 413, 415, 422],
    handle: async ({ params, body, principal, signal }, service) => {
      await handleAt(service, params).approve({ by: principal.subject, ...body }, { signal });
      return DONE;
    },
  }),
  route({
    operation: 'rejectSync',
    method: 'POST',
    path: `${SYNC_PATH}/reject`,
    summary: 'End a sync that waits for an approval',
    access: 'decide',
    params: syncParams,
    body: rejection,
    answer: json(done, 'The decision was taken.'),
    problems: [404, 409, 413, 415, 422],
    handle: async ({ params, body, principal, signal }, service) => {
      await handleAt(service, params).reject({ by: principal.subject, ...body }, { signal });
      return DONE;
    },
  }),
  route({
    operation: 'abortSync',
    method: 'POST',
    path: `${SYNC_PATH}/abort`,
    summary: 'Stop a running sync: its hooks are stopped after their logs are kept, what was applied stays',
    access: 'sync',
    params: syncParams,
    body: abortOrder,
    bodyOptional: true,
    answer: json(done, 'It is being stopped.'),
    problems: [404, 409, 413, 415, 422],
    handle: async ({ params, body, principal, signal }, service) => {
      await handleAt(service, params).abort({ by: principal.subject, ...body }, { signal });
      return DONE;
    },
  }),
];
