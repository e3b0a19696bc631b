import { createHash } from 'node:crypto';
import { failure } from '../core/failures.ts';
import { kindsHeard, listensTo } from '../core/notifications/listening.ts';
import type { Subject } from '../core/notifications/listening.ts';
import type { Notification, NotificationKind } from '../core/notifications/notification.ts';
import { messageFor, secretsOf, styleOf } from './channels.ts';
import type { NotificationConfiguration, NotificationTarget } from './configuration.ts';
import type { Sent } from './post.ts';
import { createPostman } from './post.ts';
import type { Environment } from '../secrets/secret-reference.ts';
import { readSecret } from '../secrets/secret-reference.ts';
import type { Told } from './wording.ts';
import { wordingOf } from './wording.ts';

/** What became of telling a target; `unneeded`: the event is no news to its channel. */
export type Outcome = Sent | { readonly kind: 'unneeded' };

/** Tells targets what has happened. */
export interface Notifier {
  /** The kinds of events of an application that anybody listens to. */
  heard(subject: Subject): readonly NotificationKind[];
  /** The names of the targets that are to be told. */
  targetsOf(notification: Notification): readonly string[];
  /** Tells one target, once. Throws `InvalidRequest` where its secret can't be read now; a target that is not there is `refused`. */
  tell(target: string, told: Told, signal: AbortSignal): Promise<Outcome>;
  /** Reads every secret that a target, or all of them, needs. Throws as reading one does. */
  checkSecrets(target?: string): Promise<void>;
  close(): Promise<void>;
}

/** Makes the notifier of a configuration; secrets are read from `env` and files whenever they are needed. */
export function createNotifier(configuration: NotificationConfiguration, env: Environment): Notifier {
  const { targets, network, link } = configuration;
  const postman = createPostman(network);
  const find = (name: string) => targets.find((target) => target.name === name);
  return {
    heard: (subject) => kindsHeard(targets, subject),
    targetsOf: (notification) => targets.filter((each) => listensTo(each, notification)).map(({ name }) => name),
    async tell(name, told, signal) {
      const target = find(name);
      if (target === undefined) return { kind: 'refused', why: `this worker has no target ${name}` };
      const wording = wordingOf(told, { ...templatesOf(target), ...(link && { link }) }, styleOf(target.channel));
      const key = keyOf(told.notification, name);
      const message = await messageFor(target.channel, { ...told, wording, key, now: Date.now() }, env);
      return message === undefined ? { kind: 'unneeded' } : postman.send(message, signal);
    },
    async checkSecrets(name) {
      if (name !== undefined && find(name) === undefined) throw unknownTarget(name, targets);
      const checked = targets.filter((target) => name === undefined || target.name === name);
      for (const { channel } of checked) for (const reference of secretsOf(channel)) await readSecret(reference, env);
    },
    close: () => postman.close(),
  };
}

function templatesOf({ title, text }: NotificationTarget) {
  return { ...(title === undefined ? {} : { title }), ...(text === undefined ? {} : { text }) };
}

/** Names one event for one target, in few characters. */
function keyOf({ id }: Notification, target: string): string {
  return `msg_${createHash('sha256').update(`${id}\n${target}`).digest('hex').slice(0, 40)}`;
}

function unknownTarget(name: string, targets: readonly NotificationTarget[]): Error {
  return failure('InvalidRequest', `there is no target ${name}`, {
    remedy: `the file has: ${targets.map((target) => target.name).join(', ')}`,
  });
}
