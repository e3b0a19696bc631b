import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import type { SyncResult } from '../../core/sync/status.ts';
import type { PlayedByOthers } from './workflow-lab.ts';

/** The failure with which a sync's workflow closed, and the result in its details. */
export async function failureOf(sync: PlayedByOthers): Promise<{ readonly type: string; readonly result: SyncResult }> {
  try {
    await sync.handle.result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure)) throw error;
    return { type: error.cause.type ?? '', result: error.cause.details?.[0] as SyncResult };
  }
  throw new Error('the sync was expected to fail');
}
