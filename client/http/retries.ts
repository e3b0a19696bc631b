import { isLost, surelyUnsent } from '../../kubernetes/connection-failures.ts';
import { backoffMs, pause, reasonOf } from '../../kubernetes/pause.ts';
import type { Refused } from './problems.ts';
import { isPassing, refusalError, unreached } from './problems.ts';

/** A request that may be sent again. */
interface Sending {
  readonly url: string;
  /** Whether sending it twice does no more than sending it once. */
  readonly repeatable: boolean;
  /** Sends it: the text of a success, or why it was refused. Throws where no answer comes. */
  readonly send: () => Promise<string | Refused>;
}

/** How long a server that is away is waited for, ms; whoever follows a sync has more patience. */
const AWAY_MS = 3_000;
/** How long a server that says when to come back is waited for, ms: a minute is what it counts requests in. */
const BUSY_MS = 75_000;

/**
 * Sends a request until an answer comes that counts. One that was turned away unread (429) may always be sent again, and so may one
 * that never left; what was lost, or broke off behind the server, only where it is repeatable.
 */
export async function retried({ url, repeatable, send }: Sending, signal: AbortSignal): Promise<string> {
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  for (let failed = 0; ; failed += 1) {
    const blind = backoffMs(failed, 100, 2_000);
    const answer = await send().catch((cause: unknown) => {
      if (signal.aborted) throw reasonOf(signal);
      const again = surelyUnsent(cause) || (repeatable && isLost(cause));
      if (!again || elapsed() + blind > AWAY_MS) throw unreached(url, cause, !surelyUnsent(cause) && !repeatable);
      return undefined;
    });
    if (typeof answer === 'string') return answer;
    if (answer === undefined) {
      await pause(blind, signal);
      continue;
    }
    const again = isPassing(answer) && (answer.status === 429 || repeatable);
    const delay = answer.retryAfterMs ?? blind;
    const limit = answer.retryAfterMs === undefined ? AWAY_MS : BUSY_MS;
    if (!again || elapsed() + delay > limit) throw refusalError(answer);
    await pause(delay, signal);
  }
}
