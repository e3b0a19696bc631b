import type { SyncHandle, WatchedEvent } from '../../client/index.ts';
import { isLater } from '../../client/index.ts';

/** The event streams of a server: each run is read once, for all who follow it. */
export interface Channels {
  /**
   * What happens to the run of a handle after the event of an ID, to its end or the signal's. Events of the timeline come each once and
   * in order; what workers say of their work comes as far as the follower keeps pace.
   */
  follow(handle: SyncHandle, after: string | undefined, signal: AbortSignal): AsyncIterable<WatchedEvent>;
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

/** One run that is read. */
interface Channel {
  followers: number;
  /** The events of its timeline, from the beginning. */
  readonly timeline: readonly WatchedEvent[];
  /** The newest that was said of each piece of work, and when: a count. */
  readonly progress: ReadonlyMap<string, { readonly event: WatchedEvent; readonly count: number }>;
  /** How often something was said. */
  count: number;
  /** Present once nothing more comes. */
  over?: { readonly failed?: Error };
  /** Resolves when there is more. */
  more(): Promise<void>;
  stop(): void;
}

function openChannel(handle: SyncHandle, pollMs: () => number): Channel {
  const timeline: WatchedEvent[] = [];
  const progress = new Map<string, { event: WatchedEvent; count: number }>();
  const stopping = new AbortController();
  let waiting = Promise.withResolvers<undefined>();
  const wake = (): void => {
    waiting.resolve(undefined);
    waiting = Promise.withResolvers<undefined>();
  };
  const channel: Channel = {
    ...{ followers: 0, count: 0, timeline, progress },
    more: () => waiting.promise,
    stop: () => stopping.abort(new Error('nobody follows the sync any more')),
  };
  const read = async (): Promise<void> => {
    for await (const event of handle.watch({ signal: stopping.signal, pollMs })) {
      if (event.kind === 'progress') progress.set(workOf(event), { event, count: (channel.count += 1) });
      else timeline.push(event);
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

async function* eventsOf(
  channel: Channel,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<WatchedEvent> {
  const left = whenAborted(signal);
  let told = 0;
  let last: string | undefined;
  let heard = 0;
  while (!signal.aborted) {
    const more = channel.more();
    for (const event of channel.timeline.slice(told)) {
      told += 1;
      const isNew = isLater(event.id, after);
      last = isNew ? event.id : after;
      if (isNew) yield event;
    }
    const { count: now } = channel;
    for (const { event, count } of channel.progress.values()) {
      // Whoever comes back after it goes on with what this follower was told, not with what others were.
      if (last !== undefined && count > heard) yield { ...event, id: last };
    }
    if (last !== undefined) heard = now;
    if (told < channel.timeline.length) continue;
    if (channel.over !== undefined) {
      if (channel.over.failed !== undefined) throw channel.over.failed;
      return;
    }
    await Promise.race([more, left]);
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
