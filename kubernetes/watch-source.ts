import { ApiError } from './errors.ts';
import type { Discovery } from './discovery.ts';
import { collectionRequest, listAll } from './listing.ts';
import type { ViewQuery } from './live-view.ts';
import { answeredFor, resolveKind } from './object-operations.ts';
import type { Transport } from './transport.ts';
import type { WatchSource, WatchTimings } from './watch-loop.ts';
import { watchEvents } from './watch-stream.ts';

/** Answers how a query is listed and watched at one API server. */
export function watchSources(
  transport: Transport,
  discovery: Discovery,
): (query: ViewQuery, timings: WatchTimings) => WatchSource {
  return (query, timings) => ({
    list: async (signal) => {
      const served = await resolveKind(discovery, query.apiVersion, query.kind, signal);
      return answeredFor(discovery, served, listAll(transport, served, query, signal));
    },
    watch: async (resourceVersion, timeoutMs, signal) => {
      const served = await resolveKind(discovery, query.apiVersion, query.kind, signal);
      if (!served.verbs.includes('watch')) throw unwatchable(query.kind);
      const request = collectionRequest(served, query, 'watch', {
        watch: '1',
        resourceVersion,
        allowWatchBookmarks: 'true',
        timeoutSeconds: Math.max(1, Math.ceil(timeoutMs / 1000)),
      });
      const chunks = transport.stream(request, timings.silenceMs, signal);
      return watchEvents(await answeredFor(discovery, served, chunks));
    },
  });
}

function unwatchable(kind: string): ApiError {
  const details = { code: 405, reason: 'MethodNotAllowed', causes: [], retryAfterSeconds: undefined };
  return new ApiError(`Cannot watch ${kind} objects: the server does not offer it`, details);
}
