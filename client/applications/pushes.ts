import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { pushIdOf } from '../../core/markers.ts';
import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import { SEARCH_ATTRIBUTES } from '../../core/sync/search-attributes.ts';
import type { Push } from '../../core/triggers/push.ts';
import { describePush } from '../../core/triggers/push.ts';
import type { receivePush } from '../../workflows/index.ts';
import type { PushInput } from '../../workflows/receive-push.ts';
import { indexedOrNot } from '../starting/start.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

/** What was done with a push. */
export interface PushReceipt {
  readonly workflowId: string;
  /** False where the same push has come before, and nothing of it has failed: then nothing was started. */
  readonly isNew: boolean;
}

/**
 * Hands a push to a worker, which starts the applications of the clusters that listen to it. Temporal keeps it from then on, with or
 * without a worker. Throws `TemporalUnreachable`.
 */
export async function handOverPush(
  temporal: Temporal,
  push: Push,
  clusters: readonly string[],
  signal: AbortSignal,
): Promise<PushReceipt> {
  const workflowId = pushIdOf(push.sender, push.id);
  const revision = defineSearchAttributeKey(SEARCH_ATTRIBUTES.revision, 'KEYWORD');
  try {
    const asked: PushInput = { version: 1, push, clusters, indexed: true };
    await indexedOrNot(asked, (input) =>
      call(temporal, { signal }, () =>
        temporal.client.workflow.start<typeof receivePush>('receivePush', {
          workflowId,
          taskQueue: SYNC_QUEUE,
          args: [input],
          workflowIdConflictPolicy: 'FAIL',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          staticSummary: describePush(push),
          ...(input.indexed ? { typedSearchAttributes: [{ key: revision, value: push.commit }] } : {}),
        }),
      ),
    );
    return { workflowId, isNew: true };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, isNew: false };
    throw error;
  }
}
