import { reasonOf, unlessAborted } from './pause.ts';
import type { Cluster, ListQuery, LiveView } from './cluster.ts';
import { ConnectionError } from './errors.ts';
import type { ViewState } from './view-state.ts';
import { createViewState } from './view-state.ts';
import type { Following, WatchSource, WatchTimings } from './watch-loop.ts';
import { startFollowing } from './watch-loop.ts';

/** How patient live views are, in milliseconds. */
export interface ViewTimings extends WatchTimings {
  /** How long a watch goes on after its last view was closed, for the next who asks. Default 5 s. */
  readonly lingerMs: number;
}

/** What a live view shows. */
export type ViewQuery = Omit<ListQuery, 'fieldSelector'>;

const DEFAULT_TIMINGS: ViewTimings = {
  relistMs: 300_000,
  pollMs: 2_000,
  silenceMs: 90_000,
  reconnectFirstMs: 100,
  reconnectMostMs: 10_000,
  lingerMs: 5_000,
};

/** A followed collection and the number of those who look at it. */
interface Shared {
  readonly following: Promise<Following>;
  readonly stop: AbortController;
  holders: number;
  lingering: NodeJS.Timeout | undefined;
}

/** The collections of one cluster that are followed now. */
interface Room {
  readonly sourceOf: (query: ViewQuery, timings: WatchTimings) => WatchSource;
  readonly timings: ViewTimings;
  readonly closed: AbortSignal;
  readonly shared: Map<string, Shared>;
}

/**
 * Makes the live views of one cluster. `sourceOf` answers how a query is listed and watched. Views of one query share a
 * list and a watch; `closed` ends them all.
 */
export function createViews(
  sourceOf: (query: ViewQuery, timings: WatchTimings) => WatchSource,
  overrides: Partial<ViewTimings>,
  closed: AbortSignal,
): Pick<Cluster, 'view'> {
  const room = { sourceOf, timings: { ...DEFAULT_TIMINGS, ...overrides }, closed, shared: new Map<string, Shared>() };
  return { view: (query, signal) => openView(room, query, signal) };
}

async function openView(room: Room, query: ViewQuery, signal: AbortSignal): Promise<LiveView> {
  const key = JSON.stringify([query.apiVersion, query.kind, query.namespace ?? null, query.labelSelector ?? null]);
  for (;;) {
    if (room.closed.aborted) throw reasonOf(room.closed);
    const known = room.shared.get(key);
    const entry = known ?? share(room, key, query);
    const following = await hold(room, entry, signal);
    if (known === undefined || !following.lost()) {
      return viewOf(following.state, query.namespace ?? '', () => release(room, entry));
    }
    // Whoever asks now must not be shown what was true before the server went out of reach; its holders keep it.
    if (room.shared.get(key) === entry) room.shared.delete(key);
    release(room, entry);
  }
}

function share(room: Room, key: string, query: ViewQuery): Shared {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, room.closed]);
  const state = createViewState();
  const following = startFollowing(room.sourceOf(query, room.timings), state, room.timings, signal);
  const entry: Shared = { following, stop, holders: 0, lingering: undefined };
  const forget = (): void => {
    if (room.shared.get(key) === entry) room.shared.delete(key);
  };
  signal.addEventListener('abort', () => {
    forget();
    state.fail(reasonOf(signal));
  });
  room.shared.set(key, entry);
  following.then((started) => started.run()).then(forget, forget);
  return entry;
}

async function hold(room: Room, entry: Shared, signal: AbortSignal): Promise<Following> {
  entry.holders += 1;
  clearTimeout(entry.lingering);
  try {
    return await unlessAborted(entry.following, signal);
  } catch (error) {
    release(room, entry);
    throw error;
  }
}

function release(room: Room, entry: Shared): void {
  entry.holders -= 1;
  if (entry.holders > 0) return;
  entry.lingering = setTimeout(
    () => entry.stop.abort(new ConnectionError('The view was closed')),
    room.timings.lingerMs,
  );
  entry.lingering.unref();
}

function viewOf(state: ViewState, defaultNamespace: string, letGo: () => void): LiveView {
  let open = true;
  // What changes between two calls of `changed` must not be missed, so each view remembers what it was told last.
  let told = state.version();
  return {
    get: (name, namespace) => state.get(namespace ?? defaultNamespace, name),
    all: () => state.all(),
    changed: async (timeoutMs, signal) => {
      if (state.version() === told) await nextChange(state, timeoutMs, signal);
      const failure = state.failure();
      if (failure !== undefined) throw failure;
      if (signal.aborted) throw reasonOf(signal);
      told = state.version();
    },
    close: () => {
      if (open) letGo();
      open = false;
    },
  };
}

function nextChange(state: ViewState, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      forget();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, timeoutMs);
    const forget = state.onceChanged(finish);
    if (signal.aborted || state.failure() !== undefined) finish();
    else signal.addEventListener('abort', finish, { once: true });
  });
}
