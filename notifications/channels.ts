import { createHmac } from 'node:crypto';
import type { Notification, NotificationKind } from '../core/notifications/notification.ts';
import { helpfulCommands } from '../core/notifications/notification.ts';
import type { Channel } from './configuration.ts';
import type { Message } from './post.ts';
import type { Environment, SecretReference } from '../secrets/secret-reference.ts';
import { isSecretReference, readSecret } from '../secrets/secret-reference.ts';
import type { Style, Told, Wording } from './wording.ts';
import { PLAIN } from './wording.ts';

/** What a target is told: the event, its words, and the name of this one telling. */
export interface Telling extends Told {
  readonly wording: Wording;
  /** The same whenever the same target is told of the same event. */
  readonly key: string;
  /** Now, ms since 1970. */
  readonly now: number;
}

/** Slack's mrkdwn; only these three characters have to be escaped (docs.slack.dev/messaging/formatting-message-text). */
const MRKDWN: Style = {
  escape: (text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('```', "'''"),
  log: ['```', '```'],
  command: ['`', '`'],
};

/** How the words for a channel are written. */
export function styleOf({ kind }: Channel): Style {
  return kind === 'slack' ? MRKDWN : PLAIN;
}

/** The message for a channel; undefined where there is nothing to tell it. Throws `InvalidRequest` where a secret can't be read. */
export async function messageFor(channel: Channel, told: Telling, env: Environment): Promise<Message | undefined> {
  switch (channel.kind) {
    case 'slack':
      return { url: await readSecret(channel.url, env), headers: {}, body: JSON.stringify(slackBody(told)) };
    case 'pagerduty': {
      const action = INCIDENTS[told.notification.kind];
      if (action === undefined) return undefined;
      const routingKey = await readSecret(channel.routingKey, env);
      const body = JSON.stringify(pagerDutyBody(action, { ...channel, routingKey }, told));
      return { url: channel.url, headers: {}, body };
    }
    case 'http':
      return signed(channel, told, env);
  }
}

/** The secrets that a channel needs. */
export function secretsOf(channel: Channel): readonly SecretReference[] {
  switch (channel.kind) {
    case 'slack':
      return [channel.url];
    case 'pagerduty':
      return [channel.routingKey];
    case 'http': {
      const { url, secret, headers } = channel;
      return [
        ...(isSecretReference(url) ? [url] : []),
        ...(secret === undefined ? [] : [secret]),
        ...Object.values(headers),
      ];
    }
  }
}

function slackBody({ wording: { title, text, link } }: Telling) {
  const linked = link === undefined ? [] : [`<${MRKDWN.escape(link)}|open>`];
  return { text: [`*${title}*`, ...(text === '' ? [] : [text]), ...linked].join('\n') };
}

/** What becomes of the application's incident; other kinds are no news of one. */
const INCIDENTS: Readonly<Partial<Record<NotificationKind, 'trigger' | 'resolve'>>> = {
  failed: 'trigger',
  held: 'trigger',
  approval: 'trigger',
  succeeded: 'resolve',
};

/** PagerDuty cuts what is longer. */
const SUMMARY_LENGTH = 1024;

/** An event of PagerDuty's Events API v2: one incident an application, which its next success resolves. */
function pagerDutyBody(
  action: 'trigger' | 'resolve',
  { routingKey, severity }: { readonly routingKey: string; readonly severity: string },
  { notification, wording: { title, text, link } }: Telling,
) {
  const { application, cluster, at, kind } = notification;
  const incident = { routing_key: routingKey, event_action: action, dedup_key: `syncline/${cluster}/${application}` };
  if (action === 'resolve') return incident;
  const [why] = notification.failures;
  return {
    ...incident,
    payload: {
      summary: `${title}${why === undefined ? '' : `: ${why.message}`}`.slice(0, SUMMARY_LENGTH),
      source: `${cluster}/${application}`,
      severity,
      timestamp: new Date(at).toISOString(),
      component: application,
      class: kind,
      custom_details: { ...detailsOf(notification), text },
    },
    ...(link === undefined ? {} : { links: [{ href: link, text: 'the sync' }] }),
  };
}

function detailsOf({ namespace, syncId, revision, requestedBy }: Notification) {
  return { namespace, syncId, revision, requestedBy };
}

/** The event as JSON, with the headers and signature of Standard Webhooks (github.com/standard-webhooks). */
async function signed(
  channel: Extract<Channel, { readonly kind: 'http' }>,
  { notification, log, wording, key, now }: Telling,
  env: Environment,
): Promise<Message> {
  const { failedHooks, ...event } = notification;
  const body = JSON.stringify({
    ...event,
    failedHooks: failedHooks.map(({ ref }) => ref),
    ...{ ...wording, log, commands: helpfulCommands(notification) },
  });
  const timestamp = String(Math.floor(now / 1000));
  const own = { 'idempotency-key': key, 'webhook-id': key, 'webhook-timestamp': timestamp };
  const { url, secret, headers } = channel;
  const given: [string, string][] = [];
  for (const [name, reference] of Object.entries(headers)) given.push([name, await readSecret(reference, env)]);
  const signature =
    secret === undefined ? undefined : sign(await readSecret(secret, env), `${key}.${timestamp}.${body}`);
  return {
    url: isSecretReference(url) ? await readSecret(url, env) : url,
    headers: {
      ...Object.fromEntries(given),
      ...own,
      ...(signature === undefined ? {} : { 'webhook-signature': signature }),
    },
    body,
  };
}

/** A secret that begins with `whsec_` is base64, as Standard Webhooks has it; any other is the key itself. */
function sign(secret: string, text: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}
