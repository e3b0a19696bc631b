import { waitFor } from '../../../sandbox/processes/waiting.ts';

/** Asks until there is an answer; fails after two minutes, naming what was waited for. */
export function until<T>(what: string, ask: () => Promise<T | undefined>, timeoutMs = 120_000): Promise<T> {
  return waitFor(what, { timeoutMs, everyMs: 50, signal: new AbortController().signal }, ask);
}
