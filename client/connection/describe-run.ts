import type { WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Execution } from './first-event.ts';
import type { Temporal } from './temporal.ts';
import { call } from './temporal.ts';

/** A run as Temporal describes it, the latest one where none is named; undefined where Temporal knows none. Throws `TemporalUnreachable` after 5 s. */
export async function describeRun(
  temporal: Temporal,
  { workflowId, runId }: Execution,
  signal: AbortSignal,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await call(temporal, { signal, timeoutMs: 5_000 }, () =>
      temporal.client.workflow.getHandle(workflowId, runId).describe(),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
