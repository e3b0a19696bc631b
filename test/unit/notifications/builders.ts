import { createNotifier } from '../../../notifications/notifier.ts';
import type { Notifier } from '../../../notifications/notifier.ts';
import { parseNotificationConfiguration } from '../../../notifications/read-configuration.ts';

/** The file that allows what listens on this machine. */
export function configured(targets: string, network = 'allowPrivate: true, allowHttp: true', link = ''): string {
  return `version: 1\n${link}network: { ${network} }\ntargets:\n${targets}`;
}

/** The notifier of a file's text. */
export function notifierFor(text: string, env: Readonly<Record<string, string>> = {}): Notifier {
  return createNotifier(parseNotificationConfiguration('notify.yaml', text), env);
}
