import type { SyncHandle, WatchedEvent } from '../../client/index.ts';
import { isLater } from '../../client/index.ts';
import type { SentEvent } from './event-stream.ts';
import { linesOf } from './event-stream.ts';

/** The event streams of a server: each run is read once, for all who follow it. */
export interface Channels {
  /**
   * What happens to the run of a handle after the event of an ID, to its end or the signal's. Events of the timeline come each once and
   * in order; what workers say of their work comes as far as the follower keeps pace.
   */
  follow(handle: SyncHandle, after: string | undefined, signal: AbortSignal): AsyncIterable<SentEvent>;
}

/** Looks twice a second at a run; where many are followed, at all of them together fifty times a second. */
const LEAST_POLL_MS = 500;
const MS_PER_RUN = 20;

/** Makes the streams of a server. */
export function channels(): Channels {
  const open = new Map<string, Channel>();
  const pollMs = (): number => Math.max(LEAST_POLL_MS, open.size * MS_PER_RUN);
  return {
    async *follow(handle, after, signal) {
      const key = `${handle.workflowId} ${handle.runId ?? handle.syncId ?? ''}`;
      const channel = open.get(key) ?? openChannel(handle, pollMs);
      open.set(key, channel);
      channel.followers += 1;
      try {
        yield* eventsOf(channel, after, signal);
      } finally {
        channel.followers -= 1;
        if (channel.followers === 0) {
          open.delete(key);
          channel.stop();
        }
      }
    },
  };
}

/** One run that is read. What is told of it is kept as it is sent: once for all who follow, and without the status that it was found in. */
interface Channel {
  followers: number;
  /** The events of its timeline, from the beginning. */
  readonly timeline: readonly SentEvent[];
  /** The newest that was said of each piece of work, and when: a count. */
  readonly progress: ReadonlyMap<string, { readonly lines: string; readonly count: number }>;
  /** How often something was said. */
  count: number;
  /** Present once nothing more comes. */
  over?: { readonly failed?: Error };
  /** Who is called when there is more. */
  readonly listeners: Set<() => void>;
  stop(): void;
}

function openChannel(handle: SyncHandle, pollMs: () => number): Channel {
  const timeline: SentEvent[] = [];
  const progress = new Map<string, { lines: string; count: number }>();
  const stopping = new AbortController();
  const channel: Channel = {
    ...{ followers: 0, count: 0, timeline, progress, listeners: new Set() },
    stop: () => stopping.abort(new Error('nobody follows the sync any more')),
  };
  const wake = (): void => channel.listeners.forEach((listener) => listener());
  const read = async (): Promise<void> => {
    for await (const event of handle.watch({ signal: stopping.signal, pollMs })) {
      const lines = linesOf(event);
      if (event.kind === 'progress') progress.set(workOf(event), { lines, count: (channel.count += 1) });
      else timeline.push({ id: event.id, lines });
      wake();
    }
  };
  void read()
    .then(
      () => (channel.over = {}),
      (cause: unknown) => (channel.over = { failed: new Error('the sync can’t be read any more', { cause }) }),
    )
    .finally(wake);
  return channel;
}

function workOf({ phase, progress }: Extract<WatchedEvent, { readonly kind: 'progress' }>): string {
  return [phase ?? '', progress.kind, progress.kind === 'hook' ? progress.id : ''].join(' ');
}

async function* eventsOf(channel: Channel, after: string | undefined, signal: AbortSignal): AsyncGenerator<SentEvent> {
  let wake = (): void => undefined;
  const listener = (): void => wake();
  channel.listeners.add(listener);
  signal.addEventListener('abort', listener, { once: true });
  try {
    const place: Place = { told: 0, heard: 0 };
    while (!signal.aborted) {
      // One promise a wait: a race with one for the signal would keep each until the follower leaves.
      const more = new Promise<void>((resolve) => (wake = resolve));
      yield* newsOf(channel, after, place);
      if (place.told < channel.timeline.length) continue;
      if (channel.over?.failed !== undefined) throw channel.over.failed;
      if (channel.over !== undefined) return;
      await more;
    }
  } finally {
    channel.listeners.delete(listener);
    signal.removeEventListener('abort', listener);
  }
}

/** How far a follower is: so many events of the timeline, and what was said up to a count. */
interface Place {
  told: number;
  heard: number;
  /** The ID to go on after; absent before anything of the timeline is known. */
  last?: string;
}

/** What a follower was not told yet, and moves its place on. */
function* newsOf(channel: Channel, after: string | undefined, place: Place): Generator<SentEvent> {
  for (const event of channel.timeline.slice(place.told)) {
    place.told += 1;
    const isNew = isLater(event.id, after);
    place.last = isNew ? event.id : (after ?? event.id);
    if (isNew) yield event;
  }
  const { last } = place;
  if (last === undefined) return;
  const { count: now } = channel;
  for (const { lines, count } of channel.progress.values()) {
    // Whoever comes back after it goes on with what this follower was told, not with what others were.
    if (count > place.heard) yield { id: last, lines };
  }
  place.heard = now;
}
