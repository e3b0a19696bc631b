import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Failure } from '../core/failures.ts';
import { SynclineError, failure } from '../core/failures.ts';
import type { Json } from '../core/json.ts';
import type { SourceDocument } from '../core/manifests/documents.ts';
import { readDocuments } from '../core/manifests/documents.ts';
import { NOTIFICATION_KINDS } from '../core/notifications/notification.ts';
import { networkProblem } from './address-guard.ts';
import type { Channel, NotificationConfiguration, NotificationTarget } from './configuration.ts';
import { SEVERITIES } from './configuration.ts';
import { isSecretReference, NO_SECRET_REFERENCE } from '../secrets/secret-reference.ts';
import { templateProblem } from './wording.ts';

const REMEDY = 'docs/notifications.md shows a whole file';

const secret = z
  .string()
  .refine(isSecretReference, NO_SECRET_REFERENCE)
  .transform((text) => text);
const address = z.string().refine(isAddress, 'is no address such as https://hooks.example.com, without credentials');
const template = z.string().superRefine((text, context) => {
  const problem = templateProblem(text);
  if (problem !== undefined) context.addIssue(problem);
});
const network = z.strictObject({
  allowPrivate: z.boolean().default(false),
  allow: z
    .array(
      z.string().superRefine((text, context) => {
        const problem = networkProblem(text);
        if (problem !== undefined) context.addIssue(problem);
      }),
    )
    .default([]),
  allowHttp: z.boolean().default(false),
});
const names = z.array(z.string().min(1)).default([]);
const target = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is no name of small letters, digits and dashes'),
    slack: z.strictObject({ url: secret }).exactOptional(),
    pagerduty: z
      .strictObject({
        routingKey: secret,
        severity: z.enum(SEVERITIES).default('error'),
        url: address.default('https://events.pagerduty.com/v2/enqueue'),
      })
      .exactOptional(),
    http: z
      .strictObject({
        url: z.union([secret, address], 'is neither an address nor a reference such as env:NAME'),
        secret: secret.exactOptional(),
        headers: z.record(z.string(), secret).default({}),
      })
      .exactOptional(),
    events: z.array(z.enum(NOTIFICATION_KINDS)).min(1).exactOptional(),
    applications: names,
    clusters: names,
    title: template.exactOptional(),
    text: template.exactOptional(),
  })
  .transform((value, context): NotificationTarget => {
    const { slack, pagerduty, http, events, ...rest } = value;
    const channels: readonly Channel[] = [
      ...(slack === undefined ? [] : [{ kind: 'slack' as const, ...slack }]),
      ...(pagerduty === undefined ? [] : [{ kind: 'pagerduty' as const, ...pagerduty }]),
      ...(http === undefined ? [] : [{ kind: 'http' as const, ...http }]),
    ];
    const [channel] = channels;
    if (channel === undefined || channels.length > 1) {
      context.addIssue('needs exactly one of slack, pagerduty and http');
      return z.NEVER;
    }
    return { ...rest, channel, on: events ?? HEARD_BY_DEFAULT[channel.kind] };
  });
const file = z.strictObject({
  version: z.literal(1),
  link: template.exactOptional(),
  network: network.prefault({}),
  targets: z.array(target).superRefine((targets, context) => {
    for (const [index, { name }] of targets.entries()) {
      if (targets.findIndex((other) => other.name === name) === index) continue;
      context.addIssue({ code: 'custom', message: 'is the name of another target', path: [index, 'name'] });
    }
  }),
});

/** What a target hears that does not say: what asks for a person, and for PagerDuty what ends an incident. */
const HEARD_BY_DEFAULT = {
  slack: ['failed', 'held', 'approval'],
  pagerduty: ['failed', 'held', 'succeeded'],
  http: NOTIFICATION_KINDS,
} as const;

/** Reads the file of a worker's notifications. Throws `InvalidRequest` with every mistake, each with its line; no value of the file is repeated. */
export async function readNotificationConfiguration(path: string): Promise<NotificationConfiguration> {
  return parseNotificationConfiguration(path, await textOf(path));
}

/** As `readNotificationConfiguration`, of a text; `path` names it in failures. */
export function parseNotificationConfiguration(path: string, text: string): NotificationConfiguration {
  const { documents, failures } = readDocuments(path, text);
  refuse(failures.map(({ message, location }) => ({ type: 'InvalidRequest', message, ...(location && { location }) })));
  const [document, ...others] = documents;
  if (document === undefined || others.length > 0) {
    throw failure('InvalidRequest', `${path} holds ${String(documents.length)} documents, where one is expected`, {
      remedy: REMEDY,
    });
  }
  const read = file.safeParse(document.value);
  if (read.success) return read.data;
  refuse(read.error.issues.map((issue) => mistake(document, issue)));
  throw read.error;
}

function mistake(document: SourceDocument, { path, message }: z.core.$ZodIssue): Failure {
  const place = path.map((part) => (typeof part === 'number' ? `[${String(part)}]` : `.${String(part)}`)).join('');
  return {
    type: 'InvalidRequest',
    message: `${place.replace(/^\./, '') || 'the file'}: ${message}`,
    location: `${document.file}:${String(document.lineOf(innermost(document.value, path)))}`,
    remedy: REMEDY,
  };
}

/** The innermost object on a path that is there, which is as near as a line can be told. */
function innermost(value: Json, path: readonly PropertyKey[]): Json {
  const [first, ...rest] = path;
  if (typeof value !== 'object' || value === null || first === undefined) return value;
  const next = (value as Readonly<Record<PropertyKey, Json | undefined>>)[first];
  return typeof next === 'object' && next !== null ? innermost(next, rest) : value;
}

function refuse(failures: readonly Failure[]): void {
  const [first, ...others] = failures;
  if (first !== undefined) throw new SynclineError([first, ...others]);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw failure('InvalidRequest', `the notifications can't be read from ${path}: ${why}`, {}, { cause });
  }
}

function isAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
