import type { Schedules } from '../applications/schedules.ts';
import type { ServerConnection } from './connection.ts';
import { applicationPath } from './handle.ts';
import { done } from './schemas/answers.ts';
import { schedule, scheduleList, triggerOutcome } from './schemas/schedules.ts';

/** A repository may be tried for two minutes, and a chart take as long as its application says, ms. */
const RENDERING_MS = 15 * 60_000;

/** The schedules of kept applications, read and written through a server. */
export function serverSchedules(connection: ServerConnection): Schedules {
  const pathOf = (application: string, cluster: string, verb = ''): string =>
    `${applicationPath({ application, cluster })}/schedule${verb}`;
  return {
    set: async (application, spec, { cluster, signal = never() }) => {
      await connection.ask(done, { method: 'PUT', path: pathOf(application, cluster), body: spec }, signal);
    },
    get: async (application, { cluster, signal = never() }) => {
      const { version: _, ...found } = await connection.ask(schedule, { path: pathOf(application, cluster) }, signal);
      return found;
    },
    list: async ({ cluster, signal = never() }) => {
      const path = `/v1/clusters/${encodeURIComponent(cluster)}/schedules`;
      return (await connection.ask(scheduleList, { path }, signal)).schedules;
    },
    pause: async (application, { cluster, reason, signal = never() }) => {
      const request = { method: 'POST', path: pathOf(application, cluster, '/pause'), repeatable: true } as const;
      await connection.ask(done, { ...request, body: reason === undefined ? {} : { reason } }, signal);
    },
    resume: async (application, { cluster, signal = never() }) => {
      const path = pathOf(application, cluster, '/resume');
      await connection.ask(done, { method: 'POST', path, repeatable: true }, signal);
    },
    trigger: async (application, { cluster, signal = never() }) => {
      const path = pathOf(application, cluster, '/trigger');
      const answer = await connection.ask(triggerOutcome, { method: 'POST', path, answerMs: RENDERING_MS }, signal);
      return answer.outcome;
    },
    delete: async (application, { cluster, signal = never() }) => {
      const path = pathOf(application, cluster);
      await connection.ask(done, { method: 'DELETE', path, repeatable: false }, signal);
    },
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}
