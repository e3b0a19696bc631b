import { uuid4 } from '@temporalio/workflow';
import type { RollbackTo } from '../core/history/rollback.ts';
import { rollbackRequest } from '../core/history/rollback.ts';
import { openLine } from './line-entry.ts';
import type { RunningSync } from './running-sync.ts';

/**
 * Puts the sync that goes back first in the application's line, which starts it once this one has closed. Where requests wait in the line already,
 * a newer sync comes anyway, and going back after it would undo that one: a warning says so.
 */
export async function followWithRollback({ request, tracker }: RunningSync, to: RollbackTo): Promise<void> {
  const at = Date.now();
  const back = rollbackRequest(request, to, `r${uuid4().replaceAll('-', '')}`, at);
  const isFirst = await openLine({ request: back, ifRunning: 'queue' }, at, `back to sync ${String(to.number)}`);
  tracker.warned([
    isFirst
      ? `It is followed by a rollback to sync ${String(to.number)}, revision ${to.revision}: sync ${back.syncId}.`
      : 'It is not rolled back: another sync waits for its turn.',
  ]);
}
