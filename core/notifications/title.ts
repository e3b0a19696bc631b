import type { Notification, NotificationKind } from './notification.ts';

const ENDINGS: Readonly<Record<NotificationKind, string>> = {
  started: 'has begun',
  succeeded: 'succeeded',
  failed: 'failed',
  held: 'failed, and waits for a decision',
  approval: 'waits for an approval',
  aborted: 'was aborted',
  superseded: 'gave way to a newer one',
};

/** A notification in one line: `shop: sync 7 (abc1234) failed on prod`. */
export function titleOfNotification({ kind, application, cluster, number, revision, operation }: Notification): string {
  const count = number === undefined ? '' : ` ${String(number)}`;
  const where = cluster === 'default' ? '' : ` on ${cluster}`;
  return `${application}: ${operation}${count} (${revision}) ${ENDINGS[kind]}${where}`;
}
