import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { Agent } from 'undici';
import { AddressDenied, guardAddresses } from './address-guard.ts';
import type { NetworkPolicy } from './configuration.ts';

/** What is sent. */
export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** What became of it; `refused`: nothing that passes by itself, `unreached`: another try may do. No text tells the address's path or a header. */
export type Sent =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unreached'; readonly why: string; readonly retryAfterMs?: number };

/** Sends messages within a policy. */
export interface Postman {
  send(message: Message, signal: AbortSignal): Promise<Sent>;
  close(): Promise<void>;
}

/** How long one request may take, ms. */
const TIMEOUT_MS = 10_000;

/** How much of an answer is read, bytes; nothing of it is used. */
const ANSWER_BYTES = 64 * 1024;

/** The longest pause that an answer may ask for, ms. */
const LONGEST_PAUSE_MS = 10 * 60_000;

/** Statuses that may be others the next time. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Makes a postman. Addresses are checked where the connection is made, whatever a name meant before; redirects are not followed. */
export function createPostman(policy: NetworkPolicy): Postman {
  const guard = guardAddresses(policy);
  const agent = new Agent({ connect: { lookup: guard.lookup, timeout: TIMEOUT_MS } });
  const denial = (url: URL): string | undefined => {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && policy.allowHttp))
      return `${url.host} is not spoken to over https; network.allowHttp allows it`;
    // No name is looked up for what is an address already.
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    const why = isIP(literal) === 0 ? undefined : guard.denial(literal);
    return why === undefined ? undefined : deniedWords(`the target ${why}`);
  };
  return {
    async send(message, signal) {
      const url = URL.parse(message.url);
      if (url === null) return { kind: 'refused', why: 'the address of the target is no URL' };
      const why = denial(url);
      return why === undefined ? post(agent, url, message, signal) : { kind: 'refused', why };
    },
    close: () => agent.close(),
  };
}

async function post(agent: Dispatcher, url: URL, { headers, body }: Message, signal: AbortSignal): Promise<Sent> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const all = { ...headers, 'content-type': 'application/json', 'user-agent': 'syncline' };
  try {
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers: all,
      body,
      signal: limit,
    });
    await answer.body.dump({ limit: ANSWER_BYTES, signal: limit });
    return sent(url, answer);
  } catch (error) {
    if (error instanceof AddressDenied) return { kind: 'refused', why: deniedWords(error.message) };
    const { code = 'no answer' } = error as { readonly code?: unknown };
    return { kind: 'unreached', why: `${url.host} was not reached: ${limit.aborted ? 'no answer' : String(code)}` };
  }
}

function sent(url: URL, { statusCode, headers }: Dispatcher.ResponseData): Sent {
  if (statusCode < 300) return { kind: 'delivered', status: statusCode };
  const why = `${url.host} answered ${String(statusCode)}`;
  if (statusCode < 400) return { kind: 'refused', why: `${why}: redirects are not followed` };
  if (statusCode < 500 && !PASSING.has(statusCode)) return { kind: 'refused', why };
  const seconds = Number(headers['retry-after']);
  const isTold = Number.isFinite(seconds) && seconds > 0;
  return { kind: 'unreached', why, ...(isTold ? { retryAfterMs: Math.min(seconds * 1000, LONGEST_PAUSE_MS) } : {}) };
}

function deniedWords(what: string): string {
  return `${what}; network.allow or network.allowPrivate allows it`;
}
