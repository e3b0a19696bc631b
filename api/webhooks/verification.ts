import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Sender } from '../../core/triggers/push.ts';
import type { WebhookSecret } from './webhook-file.ts';

/** A request of a sender, as it came. */
export interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** What is known of a delivery once it was checked. */
export type Verified =
  /** `id` names the delivery, so that one that is sent again is known. */
  | { readonly kind: 'genuine'; readonly id: string; readonly secret: WebhookSecret }
  /** It was signed with a secret that is known, and too long ago. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'forged' };

const FORGED: Verified = { kind: 'forged' };

/** The signature of a Standard Webhook is good for so long, ms, before and after its time. */
const TOLERANCE_MS = 5 * 60_000;
const SIGNING_PREFIX = 'whsec_';

/** Checks that a delivery comes from who it says, by one of the secrets that are shared with the sender. `now` is ms since 1970. */
export function verify(sender: Sender, delivery: Delivery, secrets: readonly WebhookSecret[], now: number): Verified {
  switch (sender) {
    case 'github':
      return verifyGitHub(delivery, secrets);
    case 'gitlab':
      return verifyGitLab(delivery, secrets, now);
    case 'generic':
      return verifyStandard(delivery, secrets, now);
  }
}

/**
 * GitHub signs the body alone (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries), so that the ID in its
 * headers could be any: the body, which tells the time of the push, names the delivery.
 */
function verifyGitHub({ headers, body }: Delivery, secrets: readonly WebhookSecret[]): Verified {
  const [, signature] = /^sha256=([0-9a-f]{64})$/.exec(headerOf(headers, 'x-hub-signature-256')) ?? [];
  if (signature === undefined) return FORGED;
  const given = Buffer.from(signature, 'hex');
  const secret = secrets.find(({ text }) => timingSafeEqual(createHmac('sha256', text).update(body).digest(), given));
  return secret === undefined ? FORGED : { kind: 'genuine', id: nameOf(body), secret };
}

/**
 * GitLab sends a secret as it is, or signs as Standard Webhooks do where the hook has a signing token, `whsec_…`
 * (https://docs.gitlab.com/user/project/integrations/webhooks/).
 */
function verifyGitLab(delivery: Delivery, secrets: readonly WebhookSecret[], now: number): Verified {
  const signed = verifyStandard(delivery, secrets, now);
  if (signed.kind !== 'forged') return signed;
  const token = headerOf(delivery.headers, 'x-gitlab-token');
  const secret = secrets.find(({ text }) => !text.startsWith(SIGNING_PREFIX) && isSame(text, token));
  if (secret === undefined) return FORGED;
  const named = headerOf(delivery.headers, 'idempotency-key') || headerOf(delivery.headers, 'x-gitlab-event-uuid');
  return { kind: 'genuine', id: nameOf(named === '' ? delivery.body : named), secret };
}

/** Standard Webhooks (https://www.standardwebhooks.com): ID, time and body are signed, with one or more secrets. */
function verifyStandard({ headers, body }: Delivery, secrets: readonly WebhookSecret[], now: number): Verified {
  const [id, time] = [headerOf(headers, 'webhook-id'), headerOf(headers, 'webhook-timestamp')];
  if (id === '' || !/^\d{1,12}$/.test(time)) return FORGED;
  const signatures = headerOf(headers, 'webhook-signature')
    .split(' ')
    .flatMap((each) => (each.startsWith('v1,') ? [each.slice('v1,'.length)] : []));
  const secret = secrets.find(({ text }) => {
    if (!text.startsWith(SIGNING_PREFIX)) return false;
    const key = Buffer.from(text.slice(SIGNING_PREFIX.length), 'base64');
    const expected = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest('base64');
    return signatures.some((signature) => isSame(expected, signature));
  });
  if (secret === undefined) return FORGED;
  if (Math.abs(now - Number(time) * 1000) > TOLERANCE_MS) return { kind: 'stale' };
  return { kind: 'genuine', id: nameOf(id), secret };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** Compares in a time that tells nothing of where two texts differ. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
}

const NAME_DIGITS = 32;

function nameOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex').slice(0, NAME_DIGITS);
}
