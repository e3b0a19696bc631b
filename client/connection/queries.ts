import { WorkflowNotFoundError, isGrpcServiceError } from '@temporalio/client';
import { TemporalUnreachable } from '../errors.ts';
import type { Execution } from './first-event.ts';
import type { Temporal } from './temporal.ts';
import { call } from './temporal.ts';

/** A worker that lives answers a query well within this time, ms. */
export const QUERY_MS = 3_000;

/** The answer of a workflow to a query; undefined where there is no such workflow, or no worker answers in time (ms). */
export async function answerIn<Answer>(
  temporal: Temporal,
  { workflowId, runId }: Execution,
  query: string,
  timeoutMs: number,
  signal: AbortSignal,
  args: readonly unknown[] = [],
): Promise<Answer | undefined> {
  try {
    return await call(temporal, { signal, timeoutMs }, () =>
      temporal.client.workflow.getHandle(workflowId, runId).query<Answer, unknown[]>(query, ...args),
    );
  } catch (error) {
    // The server was described a moment ago: what is missing is a worker, or the workflow that has just begun or ended.
    if (error instanceof TemporalUnreachable || error instanceof WorkflowNotFoundError) return undefined;
    if (isGrpcServiceError(error) || (error instanceof Error && isGrpcServiceError(error.cause))) return undefined;
    if (error instanceof Error && error.name === 'QueryNotRegisteredError') return undefined;
    throw error;
  }
}
