import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { failureLog } from '../activities/notifications/failure-log.ts';
import type { NotificationActivities } from '../workflows/activities.ts';

/** Binds the activities that tell of syncs to Temporal. What is not delivered is logged. */
export function notificationActivities(
  { notifier, bundles }: Pick<ActivityDependencies, 'notifier' | 'bundles'>,
  log: Logger,
): NotificationActivities {
  return {
    targetsOf: (notification) => Promise.resolve(notifier?.targetsOf(notification) ?? []),
    async tellTarget({ notification, target }) {
      if (notifier === undefined) return { target, kind: 'refused', why: 'this worker has no targets' };
      const signal = Context.current().cancellationSignal;
      const lines = await failureLog(notification, bundles, signal);
      const outcome = await notifier.tell(target, { notification, log: lines }, signal);
      if (outcome.kind === 'delivered' || outcome.kind === 'unneeded') return { target, kind: outcome.kind };
      const { why } = outcome;
      const { kind: event, application, cluster } = notification;
      log.warn(
        { target, event, application, cluster, why, again: outcome.kind === 'unreached' },
        'notification failed',
      );
      if (outcome.kind === 'refused') return { target, kind: 'refused', why };
      throw ApplicationFailure.create({
        message: why,
        type: 'NotDelivered',
        ...(outcome.retryAfterMs === undefined ? {} : { nextRetryDelay: outcome.retryAfterMs }),
      });
    },
  };
}
