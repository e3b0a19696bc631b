import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { WorkflowContinuedAsNewError, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { isOpen } from '../core/record/under-way.ts';
import type { QueueActivities } from '../workflows/activities.ts';
import { runOfSync } from './known-runs.ts';

/** How often a wait is said to live, ms. */
const BEAT_MS = 3_000;

/** Binds the activities of a line of requests to Temporal. */
export function queueActivities(client: Client): QueueActivities {
  return {
    async awaitEnd({ workflowId }) {
      const context = Context.current();
      const timer = setInterval(() => context.heartbeat(), BEAT_MS);
      try {
        await Promise.race([endOf(client, workflowId, context.cancellationSignal), context.cancelled]);
      } finally {
        clearInterval(timer);
      }
    },
    findServed: (input) => runOfSync(client, input, Context.current().cancellationSignal),
  };
}

/** Resolves once the run that is open under a workflow ID has closed, however; at once where none is open. */
async function endOf(client: Client, workflowId: string, signal: AbortSignal): Promise<void> {
  try {
    const { runId, status } = await client.workflow.getHandle(workflowId).describe();
    if (!isOpen(status)) return;
    const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
    await client.connection.withAbortSignal(signal, () => handle.result());
  } catch (error) {
    const isClosed = error instanceof WorkflowFailedError || error instanceof WorkflowContinuedAsNewError;
    if (!isClosed && !(error instanceof WorkflowNotFoundError)) throw error;
  }
}
