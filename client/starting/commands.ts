import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { DecisionRequest } from '../../core/sync/approval.ts';
import type { RetryRequest, SkipRequest } from '../../core/sync/resume-order.ts';
import type { AbortRequest } from '../../workflows/messages.ts';
import { Conflict } from '../errors.ts';
import type { Execution } from '../connection/first-event.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

/** A command to a running sync: an update and a signal of the same name. */
export type SyncCommand =
  | { readonly name: 'abort'; readonly request: AbortRequest }
  | { readonly name: 'approve' | 'reject'; readonly request: DecisionRequest }
  | { readonly name: 'retry'; readonly request: RetryRequest }
  | { readonly name: 'skip'; readonly request: SkipRequest };

/**
 * Sends a command to a running sync: as an update, which a worker answers, or as a signal where no worker does, which waits
 * for one. Resolves once it is accepted. Throws `InvalidRequest` when no sync runs, and with the sync's own words when it refuses.
 */
export async function sendCommand(
  temporal: Temporal,
  application: string,
  { workflowId, runId }: Execution,
  { name, request }: SyncCommand,
  signal: AbortSignal,
): Promise<void> {
  const handle = temporal.client.workflow.getHandle(workflowId, runId);
  try {
    await call(temporal, { signal, timeoutMs: 3_000 }, () => handle.executeUpdate(name, { args: [request] }));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notRunning(application);
    if (error instanceof WorkflowUpdateFailedError) throw refusedBy(error);
    if (signal.aborted) throw error;
    await call(temporal, { signal, timeoutMs: 5_000 }, () => handle.signal(name, request)).catch((cause: unknown) => {
      throw cause instanceof WorkflowNotFoundError ? notRunning(application) : cause;
    });
  }
}

function refusedBy(error: WorkflowUpdateFailedError): Conflict {
  const message = error.cause?.message ?? error.message;
  return new Conflict(message, {}, { cause: error });
}

function notRunning(application: string): Conflict {
  return new Conflict(`no sync of ${application} is running`, {
    remedy: `see how the last one ended with \`syncline status ${application}\``,
  });
}
