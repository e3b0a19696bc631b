import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, log, patched, startChild, workflowInfo } from '@temporalio/workflow';
import { notificationIdOf } from '../core/markers.ts';
import type { Event } from '../core/notifications/events.ts';
import { eventsOf } from '../core/notifications/events.ts';
import type { Notification, NotificationKind } from '../core/notifications/notification.ts';
import { titleOfNotification } from '../core/notifications/title.ts';
import { SYNC_QUEUE } from '../core/sync/queues.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { SyncStatus } from '../core/sync/status.ts';
import type { deliverNotification } from './deliver-notification.ts';

/** The root's side of notifications: what changes is told by workflows that outlive it, and nothing waits for their deliveries. */
export interface Announcements {
  /** What anybody wants to be told, as the worker that planned says; undefined where none has said so. */
  heard(kinds: readonly NotificationKind[] | undefined): void;
  /** The sync's status has changed. */
  changed(status: SyncStatus): void;
  /** Resolves once every workflow that tells has been started, or could not be. */
  made(): Promise<void>;
}

/** Announces a sync from its first status on; a dry run is told to nobody. */
export function announce({ options }: Pick<SyncRequest, 'options'>): Announcements {
  const starting: Promise<void>[] = [];
  let known: SyncStatus | undefined;
  let wanted: readonly NotificationKind[] | undefined;
  let count = 0;
  const isHeard = (kind: NotificationKind) => wanted?.includes(kind) ?? patched('announced-without-a-plan');
  return {
    heard: (kinds) => {
      wanted = kinds;
    },
    changed: (status) => {
      const events = known === undefined || options.dryRun ? [] : eventsOf(known, status, Date.now());
      known = status;
      for (const event of events.filter(({ kind }) => isHeard(kind))) {
        count += 1;
        starting.push(CancellationScope.nonCancellable(() => start(event, `${String(count)}-${event.kind}`)));
      }
    },
    made: async () => {
      await Promise.all(starting);
    },
  };
}

/** Starts the workflow that tells of an event. Never fails: a sync does not depend on who hears of it. */
async function start(event: Event, name: string): Promise<void> {
  const id = notificationIdOf(event, workflowInfo().runId, name);
  const notification: Notification = { ...event, id };
  try {
    await startChild<typeof deliverNotification>('deliverNotification', {
      workflowId: id,
      taskQueue: SYNC_QUEUE,
      args: [notification],
      parentClosePolicy: 'ABANDON',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: titleOfNotification(notification),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    log.warn('an event could not be announced', { event: name, error });
  }
}
