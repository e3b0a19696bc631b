import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { Line } from '../../core/queue/line.ts';
import { lostLine } from '../../core/queue/line.ts';
import { terminationWords } from '../following/ending.ts';
import { QUERY_MS, answerIn } from '../connection/queries.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

/** A run of a line's workflow, as Temporal tells of it. */
export type LineRun = Pick<WorkflowExecutionDescription, 'workflowId' | 'runId' | 'status' | 'closeTime'>;

/**
 * The line as one run of its workflow has it; `unanswered` where no worker tells. A run that was closed by force (terminated,
 * cancelled, timed out) has lost those that waited in it.
 */
export async function lineOf(temporal: Temporal, run: LineRun, signal: AbortSignal): Promise<Line | 'unanswered'> {
  const { workflowId, runId, status, closeTime } = run;
  const line = await answerIn<Line>(temporal, { workflowId, runId }, 'line', QUERY_MS, signal);
  if (line === undefined) return 'unanswered';
  if (!CLOSED_BY_FORCE.has(status.name) || line.waiting.length === 0) return line;
  return lostLine(line, await closureOf(temporal, run, signal), closeTime?.getTime() ?? 0);
}

/** The runs of a line's workflow that were closed by force, newest first. Temporal's list may be a second behind. */
export async function linesClosedByForce(
  temporal: Temporal,
  workflowId: string,
  signal: AbortSignal,
): Promise<readonly LineRun[]> {
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus IN ('Terminated', 'Canceled', 'TimedOut', 'Failed')`;
  return call(temporal, { signal, timeoutMs: 10_000 }, async () => {
    const found: LineRun[] = [];
    for await (const run of temporal.client.workflow.list({ query, pageSize: MOST_RUNS })) {
      found.push(run);
      if (found.length >= MOST_RUNS) break;
    }
    return found;
  });
}

/** Who terminates lines more often than this in a row has emptied them on purpose. */
const MOST_RUNS = 5;

const CLOSED_BY_FORCE: ReadonlySet<string> = new Set(['TERMINATED', 'CANCELLED', 'TIMED_OUT', 'FAILED']);

/** How a run was closed: `terminated in Temporal by ann@laptop: by hand`. */
async function closureOf(
  { client, connection, namespace }: Temporal,
  { workflowId, runId, status }: LineRun,
  signal: AbortSignal,
): Promise<string> {
  const verb = status.name === 'CANCELLED' ? 'cancelled in Temporal' : 'ended in Temporal';
  if (status.name !== 'TERMINATED') return verb;
  const last = await connection.withAbortSignal(signal, () =>
    client.workflowService.getWorkflowExecutionHistoryReverse({
      ...{ namespace, execution: { workflowId, runId }, maximumPageSize: 1 },
    }),
  );
  return terminationWords(last.history?.events?.[0]?.workflowExecutionTerminatedEventAttributes);
}
