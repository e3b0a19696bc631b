import type { z } from 'zod';
import { done } from '../../client/http/schemas/answers.ts';
import {
  pauseOrder,
  schedule,
  scheduleList,
  scheduleOrder,
  triggerOutcome,
} from '../../client/http/schemas/schedules.ts';
import { covers } from '../access/token.ts';
import type { Route } from '../route.ts';
import { route } from '../route.ts';
import { APPLICATION_PATH, applicationParams, CLUSTER_PATH, clusterParams } from './paths.ts';

const json = (schema: z.ZodType, description: string) => ({ kind: 'json', status: 200, schema, description }) as const;
const SCHEDULE_PATH = `${APPLICATION_PATH}/schedule`;
const DONE = { version: 1, accepted: true } as const;

/** The routes about the schedules of kept applications. */
export const SCHEDULES: readonly Route[] = [
  route({
    operation: 'listSchedules',
    method: 'GET',
    path: `${CLUSTER_PATH}/schedules`,
    summary: 'List the schedules of a cluster whose applications the token is for',
    access: 'read',
    params: clusterParams,
    answer: json(scheduleList, 'The schedules, by application.'),
    problems: [],
    handle: async ({ params: { cluster }, principal, signal }, { client }) => {
      const all = await client.schedules.list({ cluster, signal });
      return { version: 1, schedules: all.filter(({ application }) => covers(principal, { cluster, application })) };
    },
  }),
  route({
    operation: 'getSchedule',
    method: 'GET',
    path: SCHEDULE_PATH,
    summary: 'Show the schedule of an application, and what became of its latest triggers',
    access: 'read',
    params: applicationParams,
    answer: json(schedule, 'The schedule.'),
    problems: [404],
    handle: async ({ params: { cluster, application }, signal }, { client }) => ({
      version: 1,
      ...(await client.schedules.get(application, { cluster, signal })),
    }),
  }),
  route({
    operation: 'setSchedule',
    method: 'PUT',
    path: SCHEDULE_PATH,
    summary: 'Set the schedule of a kept application, in the place of an earlier one',
    access: 'define',
    params: applicationParams,
    body: scheduleOrder,
    answer: json(done, 'It is set.'),
    problems: [404, 413, 415, 422],
    handle: async ({ params: { cluster, application }, body, principal, signal }, { client }) => {
      await client.schedules.set(application, body, { cluster, by: principal.subject, signal });
      return DONE;
    },
  }),
  route({
    operation: 'deleteSchedule',
    method: 'DELETE',
    path: SCHEDULE_PATH,
    summary: 'Remove the schedule of an application',
    access: 'define',
    params: applicationParams,
    answer: json(done, 'It is removed.'),
    problems: [404, 413, 415, 422],
    handle: async ({ params: { cluster, application }, signal }, { client }) => {
      await client.schedules.delete(application, { cluster, signal });
      return DONE;
    },
  }),
  route({
    operation: 'pauseSchedule',
    method: 'POST',
    path: `${SCHEDULE_PATH}/pause`,
    summary: 'Let a schedule begin nothing until it is resumed',
    access: 'sync',
    params: applicationParams,
    body: pauseOrder,
    bodyOptional: true,
    answer: json(done, 'It is paused.'),
    problems: [404, 413, 415, 422],
    handle: async ({ params: { cluster, application }, body, principal, signal }, { client }) => {
      await client.schedules.pause(application, { cluster, by: principal.subject, signal, ...body });
      return DONE;
    },
  }),
  route({
    operation: 'resumeSchedule',
    method: 'POST',
    path: `${SCHEDULE_PATH}/resume`,
    summary: 'Let a schedule that is paused go on',
    access: 'sync',
    params: applicationParams,
    answer: json(done, 'It goes on.'),
    problems: [404, 413, 415, 422],
    handle: async ({ params: { cluster, application }, principal, signal }, { client }) => {
      await client.schedules.resume(application, { cluster, by: principal.subject, signal });
      return DONE;
    },
  }),
  route({
    operation: 'triggerSchedule',
    method: 'POST',
    path: `${SCHEDULE_PATH}/trigger`,
    summary: 'Do now what a schedule does at its time; answers once the application is rendered',
    access: 'sync',
    params: applicationParams,
    answer: json(triggerOutcome, 'Its sync was put in line.'),
    problems: [404, 413, 415, 422],
    handle: async ({ params: { cluster, application }, principal, signal }, { client }) => ({
      version: 1,
      outcome: await client.schedules.trigger(application, { cluster, by: principal.subject, signal }),
    }),
  }),
];
