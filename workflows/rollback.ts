import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { startChild, uuid4 } from '@temporalio/workflow';
import type { RollbackTo } from '../core/history/rollback.ts';
import { rollbackRequest } from '../core/history/rollback.ts';
import { queueIdOf } from '../core/markers.ts';
import { EMPTY_LINE, joined } from '../core/queue/line.ts';
import { SYNC_QUEUE } from '../core/sync/queues.ts';
import type { queueSyncs } from './queue-syncs.ts';
import type { RunningSync } from './running-sync.ts';
import { attributesOfApplication } from './sync-description.ts';

/**
 * Puts the sync that goes back first in the application's line, which starts it once this one has closed. Where requests wait in the line already,
 * a newer sync comes anyway, and going back after it would undo that one: a warning says so.
 */
export async function followWithRollback({ request, tracker }: RunningSync, to: RollbackTo): Promise<void> {
  const { cluster, application, indexed } = request;
  const at = Date.now();
  const back = rollbackRequest(request, to, `r${uuid4().replaceAll('-', '')}`, at);
  const line = joined(EMPTY_LINE, { request: back, ifRunning: 'queue' }, at);
  try {
    await startChild<typeof queueSyncs>('queueSyncs', {
      workflowId: queueIdOf(cluster, application),
      taskQueue: SYNC_QUEUE,
      args: [{ version: 1, cluster, application, line }],
      parentClosePolicy: 'ABANDON',
      staticSummary: `${application} · back to sync ${String(to.number)}`,
      ...(indexed ? { typedSearchAttributes: attributesOfApplication(cluster, application) } : {}),
    });
    tracker.warned([
      `It is followed by a rollback to sync ${String(to.number)}, revision ${to.revision}: sync ${back.syncId}.`,
    ]);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    tracker.warned(['It is not rolled back: another sync waits for its turn.']);
  }
}
