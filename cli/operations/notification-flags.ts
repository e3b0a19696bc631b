import type { Command } from 'commander';
import type { Notifier } from '../../notifications/notifier.ts';
import type { Console } from '../console.ts';

/** Where a worker finds whom to tell of what. */
export interface NotificationFlags {
  readonly notifications?: string;
}

const VARIABLE = 'SYNCLINE_NOTIFICATIONS';

/** Adds the flag that names the file of notifications. */
export function withNotifications(command: Command): Command {
  return command.option(
    '--notifications <file>',
    `whom to tell what happens to syncs: Slack, PagerDuty, HTTP (${VARIABLE}; docs/notifications.md)`,
  );
}

/**
 * The notifier that the flags or the environment ask for; none where they name no file. Throws `InvalidRequest` for a file with
 * mistakes, and for a secret that can't be read.
 */
export async function notifierOf(
  { notifications }: NotificationFlags,
  env: Console['env'],
): Promise<Notifier | undefined> {
  const file = notifications ?? env[VARIABLE];
  if (file === undefined || file === '') return undefined;
  const notifier = await openNotifier(file, env);
  await notifier.checkSecrets();
  return notifier;
}

/** The notifier of a file, whose secrets are not read yet. Throws `InvalidRequest` for a file with mistakes. */
export async function openNotifier(file: string, env: Console['env']): Promise<Notifier> {
  // Its libraries are large, and no other command needs them.
  const { readNotificationConfiguration } = await import('../../notifications/read-configuration.ts');
  const { createNotifier } = await import('../../notifications/notifier.ts');
  return createNotifier(await readNotificationConfiguration(file), env);
}
