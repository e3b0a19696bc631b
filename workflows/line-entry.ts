import { ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, isCancellation, startChild } from '@temporalio/workflow';
import { queueIdOf } from '../core/markers.ts';
import type { Joining, Line } from '../core/queue/line.ts';
import { EMPTY_LINE, joined } from '../core/queue/line.ts';
import { SYNC_QUEUE } from '../core/sync/queues.ts';
import { joinSignal } from './messages.ts';
import type { queueSyncs } from './queue-syncs.ts';
import { attributesOfApplication } from './sync-description.ts';

/** A line that opens and closes so often while one request wants to join it is not one of requests. */
const MOST_TRIES = 20;

/**
 * Begins the line of an application with one request, which is started as soon as the lock is free. False where there is a line already.
 * `at` is ms since 1970.
 */
export async function openLine(joining: Joining, at: number, summary: string): Promise<boolean> {
  const { cluster, application, indexed } = joining.request;
  const line: Line = joined(EMPTY_LINE, joining, at);
  try {
    await startChild<typeof queueSyncs>('queueSyncs', {
      workflowId: queueIdOf(cluster, application),
      taskQueue: SYNC_QUEUE,
      args: [{ version: 1, cluster, application, line }],
      parentClosePolicy: 'ABANDON',
      staticSummary: `${application} · ${summary}`,
      ...(indexed ? { typedSearchAttributes: attributesOfApplication(cluster, application) } : {}),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Puts a request into the line of its application, once, whether there is a line already or not. */
export async function enterLine(joining: Joining): Promise<void> {
  const { cluster, application } = joining.request;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    if (await openLine(joining, Date.now(), 'requests that wait')) return;
    try {
      await getExternalWorkflowHandle(queueIdOf(cluster, application)).signal(joinSignal, joining);
      return;
    } catch (error) {
      // It has closed meanwhile, as nobody waited any more.
      if (isCancellation(error)) throw error;
    }
  }
  throw ApplicationFailure.nonRetryable(`the line of ${application} can't be joined`, 'TriggerFailed');
}
