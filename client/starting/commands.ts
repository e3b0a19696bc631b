import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { DecisionRequest } from '../../core/sync/approval.ts';
import { faultOfCommand, readCommand } from '../../core/sync/command-check.ts';
import { failure } from '../../core/failures.ts';
import type { RetryRequest, SkipRequest } from '../../core/sync/resume-order.ts';
import type { AbortRequest } from '../../workflows/messages.ts';
import { Conflict } from '../errors.ts';
import type { Execution } from '../connection/first-event.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';
import { pollingWorkers } from '../connection/workers.ts';

/** A command to a running sync: an update and a signal of the same name. */
export type SyncCommand =
  | { readonly name: 'abort'; readonly request: AbortRequest }
  | { readonly name: 'approve' | 'reject'; readonly request: DecisionRequest }
  | { readonly name: 'retry'; readonly request: RetryRequest }
  | { readonly name: 'skip'; readonly request: SkipRequest };

/** Throws `InvalidRequest` for a command that is wrong wherever the sync stands: sent as a signal it would be taken for accepted, and left out. */
export function checkCommand({ name, request }: SyncCommand): void {
  const fault = faultOfCommand(name, readCommand(name, request));
  if (fault !== undefined) throw failure('InvalidRequest', fault);
}

/** A worker that lives and has little to do answers within this time, ms. */
const UPDATE_MS = 3_000;

/** How long one that is busy is waited for, ms. */
const BUSY_MS = 15_000;

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
  // An update that was not answered in time may be taken yet, and what follows it is then to do nothing more.
  const id = randomUUID();
  const sent = { ...request, id };
  const update = () => handle.executeUpdate(name, { args: [sent], updateId: id });
  try {
    if (await isAnswered(temporal, update, signal)) return;
    await call(temporal, { signal, timeoutMs: 5_000 }, () => handle.signal(name, sent));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notRunning(application);
    throw error instanceof WorkflowUpdateFailedError ? refusedBy(error) : error;
  }
}

/** Whether a worker has answered an update: of one that is busy the answer is asked for again. Throws what was answered where that is a refusal. */
async function isAnswered(temporal: Temporal, update: () => Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  const askedAt = Date.now();
  for (;;) {
    try {
      await call(temporal, { signal, timeoutMs: UPDATE_MS }, update);
      return true;
    } catch (error) {
      const isAnswer = error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError;
      if (isAnswer || signal.aborted) throw error;
    }
    if (Date.now() - askedAt > BUSY_MS || !(await isServed(temporal, signal))) return false;
  }
}

async function isServed(temporal: Temporal, signal: AbortSignal): Promise<boolean> {
  const workers = await pollingWorkers(temporal, signal).catch(() => []);
  return workers.length > 0;
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
