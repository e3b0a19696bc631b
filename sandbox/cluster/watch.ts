import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ApiClient } from './api.ts';

/** Something happened to a watched object. */
export type ObjectChange<T> =
  { readonly kind: 'present'; readonly object: T } | { readonly kind: 'gone'; readonly object: T };

/** What to watch, and whom to tell. */
export interface WatchRequest<T> {
  readonly api: ApiClient;
  /** The collection, for instance `/api/v1/pods`. */
  readonly path: string;
  readonly schema: z.ZodType<T>;
  /** Called in order and awaited by nobody: must not throw. */
  readonly onChange: (change: ObjectChange<T>) => void;
  readonly signal: AbortSignal;
}

const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  items: z.array(z.unknown()).nullable(),
});
const eventSchema = z.object({ type: z.string(), object: z.unknown() });
const versionSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const RETRY_MS = 200;

/**
 * Lists and watches a collection until the signal aborts, listing anew whenever the watch cannot go on (an
 * expired version, an API server that restarts). Objects deleted meanwhile are not told; resolves on abort.
 */
export async function watchCollection<T>(watch: WatchRequest<T>): Promise<void> {
  while (!watch.signal.aborted) {
    try {
      await listAndFollow(watch);
    } catch {
      // Whatever went wrong, the remedy is the same: list again after a moment.
    }
    await delay(RETRY_MS, undefined, { signal: watch.signal }).catch(() => undefined);
  }
}

async function listAndFollow<T>(watch: WatchRequest<T>): Promise<void> {
  const { api, path, signal } = watch;
  const list = listSchema.parse(await api.must({ method: 'GET', path, signal }));
  for (const item of list.items ?? []) tell(watch, 'present', item);
  let version = list.metadata.resourceVersion;
  while (!signal.aborted) {
    const query = `?watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
    for await (const line of api.lines(path + query, signal)) {
      const event = eventSchema.parse(JSON.parse(line));
      if (event.type === 'ERROR') return;
      version = versionSchema.parse(event.object).metadata.resourceVersion;
      if (event.type === 'ADDED' || event.type === 'MODIFIED') tell(watch, 'present', event.object);
      if (event.type === 'DELETED') tell(watch, 'gone', event.object);
    }
  }
}

function tell<T>(watch: WatchRequest<T>, kind: 'present' | 'gone', object: unknown): void {
  const parsed = watch.schema.safeParse(object);
  if (parsed.success) watch.onChange({ kind, object: parsed.data });
}
