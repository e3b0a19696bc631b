import { isSilence } from './connection-failures.ts';
import { ApiError, ConnectionError, isApiError } from './errors.ts';
import type { Listing } from './listing.ts';
import { backoffMs, pause } from './pause.ts';
import type { ViewState } from './view-state.ts';
import type { WatchEvent } from './watch-stream.ts';

/** How patient a watch is, in milliseconds. */
export interface WatchTimings {
  /** A list is read this often, even while the watch seems well. Default 5 minutes. */
  readonly relistMs: number;
  /** A list is read this often where watching is not allowed. Default 2 s. */
  readonly pollMs: number;
  /** A watch that says nothing for this long, not even a bookmark, is given up. Default 90 s. */
  readonly silenceMs: number;
  /** The first pause after a failure; it doubles with each that follows. Default 100 ms. */
  readonly reconnectFirstMs: number;
  /** The longest pause between failures. Default 10 s. */
  readonly reconnectMostMs: number;
}

/** One collection to follow. */
export interface WatchSource {
  list(signal: AbortSignal): Promise<Listing>;
  /** The changes after `resourceVersion`, for at most `timeoutMs`. */
  watch(resourceVersion: string, timeoutMs: number, signal: AbortSignal): Promise<AsyncIterable<WatchEvent>>;
}

/** What a followed collection is known to be. */
export interface Following {
  readonly state: ViewState;
  /** Tells whether the last try to list or to watch failed, so that the state may be old. */
  readonly lost: () => boolean;
  /** Keeps the state up to date until the signal aborts. Never rejects. */
  readonly run: () => Promise<void>;
}

type Step = 'list' | 'watch' | 'poll';

/** A watch that lived this long was no failure, whether it said something or not. */
const SETTLED_MS = 1_000;

/** After so many failed watches in a row the collection is listed, in case something in between lets no watch through. */
const WATCHES_BEFORE_LIST = 3;

/**
 * Reads the collection once and answers what follows it from there. Rejects as the list does. Afterwards a failure that
 * can't pass (the server forbids the list) becomes the state's failure; all others are tried again without end.
 */
export async function startFollowing(
  source: WatchSource,
  state: ViewState,
  timings: WatchTimings,
  signal: AbortSignal,
): Promise<Following> {
  const progress = { resourceVersion: '', listedAt: 0, lost: false, failures: 0, watchable: true };
  await relist(source, state, progress, signal);
  const watching = { source, state, timings, progress, signal };
  return { state, lost: () => progress.lost, run: () => run(watching) };
}

interface Progress {
  /** The version of the store up to which the state is known. */
  resourceVersion: string;
  /** `performance.now()` at the last list. */
  listedAt: number;
  lost: boolean;
  /** Failures in a row. */
  failures: number;
  watchable: boolean;
}

interface Watching {
  readonly source: WatchSource;
  readonly state: ViewState;
  readonly timings: WatchTimings;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function run(watching: Watching): Promise<void> {
  const { state, progress, signal } = watching;
  let step: Step = 'watch';
  while (!signal.aborted && state.failure() === undefined) {
    try {
      step = await take(step, watching);
    } catch (error) {
      const failed = step;
      step = afterFailure(error, failed, watching);
      const atOnce = isApiError(error, 410) && progress.failures === 0;
      progress.lost = !atOnce;
      await pauseAfter(progress.failures++, atOnce, watching).catch(() => undefined);
    }
  }
}

async function take(step: Step, watching: Watching): Promise<Step> {
  const { source, state, timings, progress, signal } = watching;
  switch (step) {
    case 'list':
      await relist(source, state, progress, signal);
      return progress.watchable ? 'watch' : 'poll';
    case 'watch':
      return watch(watching);
    case 'poll':
      await pause(timings.pollMs, signal);
      return 'list';
  }
}

async function relist(source: WatchSource, state: ViewState, progress: Progress, signal: AbortSignal): Promise<void> {
  const listing = await source.list(signal);
  state.replace(listing.items);
  progress.resourceVersion = listing.resourceVersion;
  progress.listedAt = performance.now();
  progress.lost = false;
  if (!progress.watchable) progress.failures = 0;
}

/** Watches until the answer ends or the next list is due. Servers end watches as they please, so an end is no failure. */
async function watch(watching: Watching): Promise<Step> {
  const { timings, progress, signal } = watching;
  const remainingMs = progress.listedAt + timings.relistMs - performance.now();
  if (remainingMs <= 0) return 'list';
  const due = new AbortController();
  const timer = setTimeout(() => due.abort(), remainingMs);
  try {
    await watchOnce(watching, remainingMs, AbortSignal.any([signal, due.signal]));
    return 'watch';
  } catch (error) {
    if (due.signal.aborted && !signal.aborted) return 'list';
    if (!isApiError(error, 403) && !isApiError(error, 405)) throw error;
    progress.watchable = false;
    return 'poll';
  } finally {
    clearTimeout(timer);
  }
}

async function watchOnce(watching: Watching, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { source, state, progress } = watching;
  const startedAt = performance.now();
  const events = await source.watch(progress.resourceVersion, timeoutMs, signal);
  progress.lost = false;
  for await (const event of events) {
    if (event.kind === 'error') throw errorOf(event);
    if (event.kind === 'put') state.put(event.object);
    else if (event.kind === 'drop') state.drop(event.object);
    progress.resourceVersion = event.resourceVersion;
    progress.failures = 0;
  }
  if (performance.now() - startedAt >= SETTLED_MS) progress.failures = 0;
  else if (progress.failures > 0 || timeoutMs > SETTLED_MS)
    throw new ConnectionError('The watch ended as soon as it began', { cause: 'end' });
}

function errorOf(event: Extract<WatchEvent, { readonly kind: 'error' }>): Error {
  if (event.code !== 410) return new ConnectionError(`The watch failed: ${event.message}`);
  return new ApiError(event.message, { code: 410, reason: 'Expired', causes: [], retryAfterSeconds: undefined });
}

/** What is done after a failure, and after the pause that follows it. */
function afterFailure(error: unknown, step: Step, { state, progress }: Watching): Step {
  if (step === 'list' && isApiError(error, 403)) state.fail(error);
  // The kind is gone (its CRD was deleted), and its objects with it.
  if (step === 'list' && isApiError(error, 404)) state.replace([]);
  const again = progress.failures < WATCHES_BEFORE_LIST && mayWatchOn(error);
  return step === 'watch' && again ? 'watch' : 'list';
}

/** A broken connection or a busy server loses no events; anything else may have, so the collection is read again. */
function mayWatchOn(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === 401 || error.code === 429 || error.code >= 500;
  return error instanceof ConnectionError && error.cause !== undefined && !isSilence(error.cause);
}

async function pauseAfter(failures: number, atOnce: boolean, watching: Watching): Promise<void> {
  const { reconnectFirstMs, reconnectMostMs } = watching.timings;
  if (!atOnce) await pause(backoffMs(failures, reconnectFirstMs, reconnectMostMs), watching.signal);
}
