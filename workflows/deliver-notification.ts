import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { Notification } from '../core/notifications/notification.ts';
import type { Delivery, NotificationActivities } from './activities.ts';
import { DELIVERY_OPTIONS } from './activity-options.ts';
import { withoutStack } from './refusal.ts';

/**
 * Tells every target that listens of one event, each by itself and for as long as it takes within the time of a delivery. Ends with what
 * became of each; closes as failed, with the same as details, where one was not reached.
 */
export async function deliverNotification(notification: Notification): Promise<readonly Delivery[]> {
  const { targetsOf } = proxyActivities<NotificationActivities>({ ...DELIVERY_OPTIONS, summary: 'who listens' });
  const targets = await targetsOf(notification);
  const deliveries = await Promise.all(targets.map((target) => tell(notification, target)));
  const undelivered = deliveries.filter(({ kind }) => kind === 'refused' || kind === 'unreached');
  if (undelivered.length === 0) return deliveries;
  const names = undelivered.map((each) => `${each.target} (${'why' in each ? each.why : each.kind})`).join(', ');
  throw withoutStack(ApplicationFailure.nonRetryable(`not delivered: ${names}`, 'NotDelivered', deliveries));
}

async function tell(notification: Notification, target: string): Promise<Delivery> {
  const { tellTarget } = proxyActivities<NotificationActivities>({ ...DELIVERY_OPTIONS, summary: target });
  try {
    return await tellTarget({ notification, target });
  } catch (error) {
    // The others are told whatever becomes of this one.
    if (!(error instanceof ActivityFailure)) throw error;
    return { target, kind: 'unreached', why: error.cause?.message ?? error.message };
  }
}
