import { backoffMs } from './pause.ts';

/** How a try of a request ended, where it did not succeed. */
export type FailedTry =
  | { readonly kind: 'answered'; readonly code: number; readonly retryAfterSeconds: number | undefined }
  /** `sent` is false where the request surely never reached the server. */
  | { readonly kind: 'lost'; readonly sent: boolean };

/** What the decision depends on besides the failure. */
export interface TriesSoFar {
  /** Sending the same request twice does no more than sending it once. */
  readonly idempotent: boolean;
  /** Tries that have failed, this one included. */
  readonly failed: number;
  /** Milliseconds since the first try began. */
  readonly elapsedMs: number;
}

/** A request is not tried again once this many milliseconds have gone by; longer outages are for Temporal's retries. */
export const RETRY_BUDGET_MS = 10_000;

const MOST_BLIND_TRIES = 4;
const RETRIED_CODES: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/**
 * Milliseconds to wait before the same request is sent again, or undefined where it is not to be sent again. A 429 was
 * turned away before it was processed, so every request may follow it; other failures are retried only where that is
 * idempotent, or where the request never left.
 */
export function retryDelayMs(
  failed: FailedTry,
  tries: TriesSoFar,
  random: () => number = Math.random,
): number | undefined {
  const delay = failed.kind === 'lost' ? afterLoss(failed, tries, random) : afterAnswer(failed, tries, random);
  return delay !== undefined && tries.elapsedMs + delay <= RETRY_BUDGET_MS ? delay : undefined;
}

function afterLoss(failed: { readonly sent: boolean }, tries: TriesSoFar, random: () => number): number | undefined {
  if (tries.failed > 1 || (failed.sent && !tries.idempotent)) return undefined;
  return backoffMs(0, 100, 100, random);
}

function afterAnswer(
  failed: { readonly code: number; readonly retryAfterSeconds: number | undefined },
  tries: TriesSoFar,
  random: () => number,
): number | undefined {
  const retried = failed.code === 429 || (tries.idempotent && RETRIED_CODES.has(failed.code));
  if (!retried) return undefined;
  if (failed.retryAfterSeconds !== undefined) {
    return failed.retryAfterSeconds * 1000 + backoffMs(0, 100, 100, random);
  }
  return tries.failed < MOST_BLIND_TRIES ? backoffMs(tries.failed - 1, 100, 2_000, random) : undefined;
}
