import { failure } from '../core/failures.ts';
import { DEFAULT_SOURCE_TIMEOUT_MS } from './source-options.ts';

/**
 * Does one part of reading a source within the time limit. `source` is what messages call it. Throws `InvalidRequest` when
 * it takes longer, once `work` has given up, and the signal's reason when that aborts.
 */
export async function withinTime<T>(
  { source, done, timeoutMs = DEFAULT_SOURCE_TIMEOUT_MS }: TimedPart,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await work(AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
    throw failure('InvalidRequest', `${source} was not ${done} within ${timeoutMs / 1000} s.`, {
      remedy: 'Look whether its server answers and its templates end; --render-timeout gives it longer.',
    });
  }
}

/** What is limited. */
export interface TimedPart {
  readonly source: string;
  readonly done: 'fetched' | 'rendered';
  /** In ms. @default 60 s */
  readonly timeoutMs: number | undefined;
}
