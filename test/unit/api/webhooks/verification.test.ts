import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verify } from '../../../../api/webhooks/verification.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const secret = (text: string) => ({ text, repositories: ['*'] });
const body = Buffer.from('Hello, World!');

describe('GitHub', () => {
  // The example of GitHub's documentation.
  const SECRET = "It's a Secret to Everybody";
  const SIGNATURE = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const check = (headers: Record<string, string>, sent: Uint8Array = body, secrets = [secret('x'), secret(SECRET)]) =>
    verify('github', { headers, body: sent }, secrets, NOW);

  test('signs the body', () =>
    expect(check({ 'x-hub-signature-256': SIGNATURE })).toMatchObject({ kind: 'genuine', secret: { text: SECRET } }));

  test.each<[string, Record<string, string>]>([
    ['no signature', {}],
    ['one digit is another', { 'x-hub-signature-256': SIGNATURE.replace('757', '857') }],
    ['it is cut short', { 'x-hub-signature-256': SIGNATURE.slice(0, -1) }],
    ['it names no algorithm', { 'x-hub-signature-256': SIGNATURE.slice(7) }],
    ['it is of SHA-1', { 'x-hub-signature': 'sha1=03af4c2ac0c8cbca8f4e3f0d1b5b4c6f1d6d0f7a' }],
  ])('is not believed where %s', (_, headers) => expect(check(headers)).toEqual({ kind: 'forged' }));

  test('is not believed for another body, or with no secret that is known', () => {
    expect(check({ 'x-hub-signature-256': SIGNATURE }, Buffer.from('Hello, World?'))).toEqual({ kind: 'forged' });
    expect(check({ 'x-hub-signature-256': SIGNATURE }, body, [secret('another')])).toEqual({ kind: 'forged' });
    expect(check({ 'x-hub-signature-256': SIGNATURE }, body, [])).toEqual({ kind: 'forged' });
  });

  test('names a delivery by its body, since nobody signs the ID in its headers', () => {
    const ids = ['a', 'b'].map((id) => check({ 'x-hub-signature-256': SIGNATURE, 'x-github-delivery': id }));
    expect(ids[0]).toEqual(ids[1]);
  });
});

describe('GitLab', () => {
  const TOKEN = 'a-token-of-the-test';
  const check = (headers: Record<string, string>, secrets = [secret(TOKEN)]) =>
    verify('gitlab', { headers, body }, secrets, NOW);

  test('sends its secret', () => expect(check({ 'x-gitlab-token': TOKEN })).toMatchObject({ kind: 'genuine' }));

  test.each(['', 'a-token-of-the-tes', 'a-token-of-the-test ', 'A-TOKEN-OF-THE-TEST'])(
    'is not believed for %j',
    (text) => expect(check({ 'x-gitlab-token': text })).toEqual({ kind: 'forged' }),
  );

  test('names a delivery by its own name for it', () => {
    const ids = ['a', 'a', 'b'].map((key) => check({ 'x-gitlab-token': TOKEN, 'idempotency-key': key }));
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[0]).not.toEqual(ids[2]);
  });

  test('signs where the hook has a signing token, which is no token to be sent', () => {
    const key = Buffer.alloc(32, 7);
    const signing = `whsec_${key.toString('base64')}`;
    const time = String(NOW / 1000);
    const signature = createHmac('sha256', key).update(`w1.${time}.`).update(body).digest('base64');
    const headers = { 'webhook-id': 'w1', 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` };
    expect(check(headers, [secret(signing)])).toMatchObject({ kind: 'genuine' });
    expect(check({ 'x-gitlab-token': signing }, [secret(signing)])).toEqual({ kind: 'forged' });
  });
});

describe('Standard Webhooks', () => {
  // The example of the specification's libraries.
  const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const sent = Buffer.from('{"test": 2432232314}');
  const HEADERS = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const THEN = 1_614_265_330_000;
  const check = (change: Record<string, string> = {}, now = THEN, of: Uint8Array = sent) =>
    verify('generic', { headers: { ...HEADERS, ...change }, body: of }, [secret(SECRET)], now).kind;

  test('sign ID, time and body', () => expect(check()).toBe('genuine'));

  test('may have several signatures, of which one is known', () =>
    expect(check({ 'webhook-signature': `v1,AAAA v2,x ${HEADERS['webhook-signature']}` })).toBe('genuine'));

  test.each([
    [{ 'webhook-id': 'msg_other' }],
    [{ 'webhook-id': '' }],
    [{ 'webhook-timestamp': '1614265331' }],
    [{ 'webhook-timestamp': 'now' }],
    [{ 'webhook-signature': '' }],
    [{ 'webhook-signature': HEADERS['webhook-signature'].replace('v1,', 'v2,') }],
    [{ 'webhook-signature': HEADERS['webhook-signature'].replace('g0hM', 'g0hN') }],
  ])('are not believed with %j', (change) => expect(check(change)).toBe('forged'));

  test('are not believed for another body', () => expect(check({}, THEN, Buffer.from('{}'))).toBe('forged'));

  test.each([
    [-5 * 60_000 - 1, 'stale'],
    [-5 * 60_000, 'genuine'],
    [5 * 60_000, 'genuine'],
    [5 * 60_000 + 1, 'stale'],
  ])('%d ms later are %s', (later, expected) => expect(check({}, THEN + later)).toBe(expected));
});
