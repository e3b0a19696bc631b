import { setTimeout as delay } from 'node:timers/promises';

/** How long to go on asking, and how often. */
export interface Patience {
  readonly timeoutMs: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks again and again until there is an answer.
 *
 * @param what what is waited for, as it should stand in the error
 * @param ask gives a value, or `undefined` for "not yet"; an error it throws counts as "not yet" and is the cause
 *   of the error thrown in the end
 */
export async function waitFor<T>(what: string, patience: Patience, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patience.timeoutMs;
  for (;;) {
    patience.signal.throwIfAborted();
    const answer = await attempt(ask);
    if (answer.kind === 'answered') return answer.value;
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${patience.timeoutMs / 1000} s`, { cause: answer.cause });
    }
    await delay(patience.everyMs, undefined, { signal: patience.signal });
  }
}

type Answer<T> =
  { readonly kind: 'answered'; readonly value: T } | { readonly kind: 'not-yet'; readonly cause: unknown };

async function attempt<T>(ask: () => Promise<T | undefined>): Promise<Answer<T>> {
  try {
    const value = await ask();
    return value === undefined ? { kind: 'not-yet', cause: undefined } : { kind: 'answered', value };
  } catch (cause) {
    return { kind: 'not-yet', cause };
  }
}
