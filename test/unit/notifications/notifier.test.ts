import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notification } from '../../../core/notifications/notification.ts';
import { sampleOf } from '../../../notifications/wording.ts';
import type { Receiver } from '../../support/receiver.ts';
import { startReceiver } from '../../support/receiver.ts';
import { configured, notifierFor } from './builders.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const signal = new AbortController().signal;
const LOG = ['ERROR: no such table "a" <b>', 'giving up'];
const failed: Notification = {
  ...sampleOf('failed', 60_000),
  startedAt: 1_000,
  cluster: 'prod',
  requestedBy: 'ann & bob',
};

async function tell(targets: string, notification: Notification, link = ''): Promise<Record<string, unknown>> {
  const env = {
    URL: `http://127.0.0.1:${String(receiver.port)}/services/geheim`,
    KEY: 'routing',
    HMAC: 'signing-key',
    AUTH: 'Bearer abc',
  };
  const notifier = notifierFor(configured(targets, undefined, link), env);
  const outcome = await notifier.tell('a', { notification, log: LOG }, signal);
  await notifier.close();
  return { outcome, ...(receiver.received[0] && (JSON.parse(receiver.received[0].text) as object)) };
}

describe('a Slack target', () => {
  const SLACK = '- name: a\n  slack: { url: env:URL }\n';

  it('is told what failed, the log that says why, who asked, and what helps', async () => {
    const link = "link: 'https://ui.example.com/{{ workflowId | url_encode }}'\n";
    const { outcome, text } = await tell(SLACK, failed, link);
    expect(outcome).toEqual({ kind: 'delivered', status: 200 });
    expect(receiver.received[0]?.path).toBe('/services/geheim');
    expect(text).toBe(
      [
        '*trial: sync 1 (abc1234) failed on prod*',
        'this is a trial: no sync has failed',
        '```ERROR: no such table "a" &lt;b&gt;',
        'giving up```',
        'asked for by ann &amp; bob',
        'all of the log: `syncline logs trial migrate --cluster prod`',
        'again from this step: `syncline retry trial --cluster prod`',
        'what was done: `syncline resources trial --cluster prod`',
        '<https://ui.example.com/sync%2Fprod%2Ftrial|open>',
      ].join('\n'),
    );
  });

  it('is told in words of its own', async () => {
    const words = `${SLACK}  title: "{{ application | upcase }} {{ kind }}"\n  text: "took {{ tookSeconds }} s"\n`;
    expect(await tell(words, failed)).toMatchObject({ text: '*TRIAL failed*\ntook 59 s' });
  });
});

describe('a PagerDuty target', () => {
  const PAGER = () =>
    `- name: a\n  pagerduty: { routingKey: env:KEY, url: "http://127.0.0.1:${String(receiver.port)}/" }\n`;

  it('gets an incident for a failure, which the next success resolves', async () => {
    expect(await tell(PAGER(), failed)).toMatchObject({
      ...{ routing_key: 'routing', event_action: 'trigger', dedup_key: 'syncline/prod/trial' },
      payload: {
        ...{ severity: 'error', source: 'prod/trial', timestamp: '1970-01-01T00:01:00.000Z' },
        summary: 'trial: sync 1 (abc1234) failed on prod: this is a trial: no sync has failed',
      },
    });
    await tell(PAGER(), { ...sampleOf('succeeded'), cluster: 'prod' });
    expect(JSON.parse(receiver.received[1]?.text ?? '')).toEqual({
      ...{ routing_key: 'routing', event_action: 'resolve', dedup_key: 'syncline/prod/trial' },
    });
  });

  it('is told nothing of what is no news of an incident', async () => {
    expect(await tell(PAGER(), sampleOf('started'))).toEqual({ outcome: { kind: 'unneeded' } });
  });
});

describe('an HTTP target', () => {
  const HTTP = '- name: a\n  http: { url: env:URL, secret: env:HMAC, headers: { authorization: env:AUTH } }\n';

  it('gets the event, signed, with a key that is the same each time it is told of it', async () => {
    const body = await tell(HTTP, failed);
    await tell(HTTP, failed);
    await tell(HTTP, { ...failed, id: 'another' });
    const [first, again, other] = receiver.received;
    expect(body).toMatchObject({ version: 1, kind: 'failed', application: 'trial', log: LOG, id: failed.id });
    expect(first?.headers).toMatchObject({ authorization: 'Bearer abc', 'content-type': 'application/json' });
    expect(again?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    expect(other?.headers['idempotency-key']).not.toBe(first?.headers['idempotency-key']);
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = first?.headers ?? {};
    const signed = `${String(id)}.${String(at)}.${first?.text ?? ''}`;
    expect(signature).toBe(`v1,${createHmac('sha256', 'signing-key').update(signed).digest('base64')}`);
  });
});

describe('an answer', () => {
  it.each([
    [503, { 'retry-after': '7' }, { kind: 'unreached', retryAfterMs: 7_000 }],
    [429, { 'retry-after': '99999' }, { kind: 'unreached', retryAfterMs: 600_000 }],
    [404, {}, { kind: 'refused' }],
    [410, {}, { kind: 'refused' }],
  ] as const)('of %s says whether to try again, and nothing of the address', async (status, headers, expected) => {
    await receiver.close();
    receiver = await startReceiver(() => [status, headers]);
    const { outcome } = await tell('- name: a\n  slack: { url: env:URL }\n', failed);
    expect(outcome).toMatchObject(expected);
    expect(JSON.stringify(outcome)).not.toContain('geheim');
  });
});
