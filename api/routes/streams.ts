import type { Route } from '../route.ts';
import { route } from '../route.ts';
import { syncEvent } from '../../client/http/schemas/events.ts';
import { sendEvents } from '../streams/event-stream.ts';
import { handleAt, SYNC_PATH, syncParams } from './paths.ts';

/** The route that tells what happens. */
export const STREAMS: readonly Route[] = [
  route({
    operation: 'followSync',
    method: 'GET',
    path: `${SYNC_PATH}/stream`,
    summary: 'Follow a sync: what happens to it, from the beginning to its end',
    access: 'read',
    params: syncParams,
    headers: { 'Last-Event-ID': 'The ID of the last event that was seen: the stream goes on after it.' },
    answer: {
      kind: 'events',
      schema: syncEvent,
      description:
        'Server-sent events. Each has an ID, its kind as `event`, and this as `data`. The stream ends after `ended`; who comes back after that is answered 204.',
    },
    problems: [404],
    handle: async ({ params, principal, request, reply, signal }, service) => {
      const waiting = handleAt(service, params);
      const { runId } = await waiting.status({ signal });
      const handle = runId === '' ? waiting : handleAt(service, { ...params, run: runId });
      const header = request.headers['last-event-id'];
      const after = typeof header === 'string' ? header : undefined;
      if (after === `${runId}.ended`) return reply.code(204).send();
      const both = AbortSignal.any([signal, service.stopping]);
      const leave = service.openStreams.enter(principal.id);
      try {
        await sendEvents(reply, service.channels.follow(handle, after, both), both);
      } finally {
        leave();
      }
      return reply;
    },
  }),
];
