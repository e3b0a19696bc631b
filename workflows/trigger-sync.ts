import { ApplicationFailure, log, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Trigger, TriggerOutcome } from '../core/triggers/trigger.ts';
import { describeCause } from '../core/triggers/trigger.ts';
import type { TriggerActivities } from './activities.ts';
import { WORK_OPTIONS } from './activity-options.ts';
import { attempt } from './fenced-activities.ts';
import { enterLine } from './line-entry.ts';
import { withoutStack } from './refusal.ts';

/** The type of the failure that a trigger ends with which could not begin its sync. */
export const TRIGGER_FAILED = 'TriggerFailed';

/**
 * Starts the sync of an application that is kept: a worker renders it, and its request enters the application's line, by which a trigger
 * never begins a second sync beside one that runs. Fails with the outcome as details where it could not be begun.
 */
export async function triggerSync(trigger: Trigger): Promise<TriggerOutcome> {
  const { application, cluster, cause } = trigger;
  const name = workflowInfo().workflowId;
  const summary = `${describeCause(cause)}: render ${application}`;
  const { prepareTrigger } = proxyActivities<TriggerActivities>({ ...WORK_OPTIONS, summary });
  const prepared = await attempt(() => prepareTrigger({ trigger, name }));
  switch (prepared.kind) {
    case 'failed': {
      log.warn('a trigger has begun no sync', { application, cluster, failures: prepared.failures });
      const why = prepared.failures[0]?.message ?? `${application} could not be rendered`;
      throw withoutStack(ApplicationFailure.nonRetryable(why, TRIGGER_FAILED, prepared));
    }
    case 'unchanged':
      return prepared;
    case 'ready': {
      // The one place where a trigger begins something.
      await enterLine(prepared.joining);
      const { syncId, revision, bundle } = prepared.joining.request;
      return { kind: 'asked', syncId, revision, bundle };
    }
  }
}
