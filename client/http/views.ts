import { pause } from '../../kubernetes/pause.ts';
import type { SyncHandle } from '../handle.ts';
import type { SyncView } from '../following/view.ts';
import { isAway, PATIENCE_MS } from './stream.ts';

/** However much happens, a sync is looked at no more often than this, ms. */
const LEAST_MS = 250;
/** What no event tells of (who waits, what a worker tries again) is seen this often, ms. */
const IDLE_MS = 2_000;

/** Where a sync stands, again and again to its end: whenever an event tells of something new, and now and then. */
export async function* viewsOf(
  { status, watch }: Pick<SyncHandle, 'status' | 'watch'>,
  signal: AbortSignal,
): AsyncGenerator<SyncView> {
  const leaving = new AbortController();
  const following = AbortSignal.any([signal, leaving.signal]);
  const bell = doorbell();
  let hasBegun = false;
  let seenAt = performance.now();
  try {
    for (;;) {
      const view = await status({ signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        if (!hasBegun || !isAway(error) || performance.now() - seenAt > PATIENCE_MS) throw error;
        return undefined;
      });
      if (view !== undefined) {
        seenAt = performance.now();
        yield view;
        if (view.result !== undefined) return;
        if (!hasBegun) void ringAt(watch({ signal: following }), bell);
        hasBegun = true;
      }
      await pause(LEAST_MS, signal);
      await Promise.race([bell.rung(), pause(IDLE_MS, following)]);
    }
  } finally {
    leaving.abort(new Error('nobody looks at the sync any more'));
  }
}

interface Doorbell {
  readonly ring: () => void;
  /** Resolves once it has rung since the last time. */
  rung(): Promise<void>;
}

function doorbell(): Doorbell {
  let next = Promise.withResolvers<undefined>();
  return {
    ring: () => next.resolve(undefined),
    rung: async () => {
      await next.promise;
      next = Promise.withResolvers();
    },
  };
}

/** What goes wrong with the events is seen by whoever looks. */
async function ringAt(events: AsyncIterable<unknown>, { ring }: Doorbell): Promise<void> {
  const reading = events[Symbol.asyncIterator]();
  try {
    while ((await reading.next()).done !== true) ring();
  } catch {
    ring();
  }
}
