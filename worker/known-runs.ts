import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { RunsOf } from '../activities/collection/collect-garbage.ts';
import type { KnownRun } from '../core/retention/judgement.ts';

/** A list that is longer says enough: older runs of one application are over for long. */
const MOST_RUNS = 1_000;

/**
 * Answers from Temporal which runs of a workflow there are. Its list may be some seconds behind; the newest run is asked for
 * itself, and an open one is always the newest.
 */
export function runsKnownTo(client: Client): RunsOf {
  return async (workflowId, signal) => {
    const runs = new Map<string, KnownRun>();
    for await (const info of client.workflow.list({ query: `WorkflowId = '${workflowId}'`, pageSize: 200 })) {
      signal.throwIfAborted();
      runs.set(info.runId, knownRun(info));
      if (runs.size >= MOST_RUNS) break;
    }
    const newest = await newestRun(client, workflowId);
    if (newest !== undefined) runs.set(newest.runId, knownRun(newest));
    return [...runs.values()];
  };
}

async function newestRun(client: Client, workflowId: string): Promise<TemporalRun | undefined> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

type TemporalRun = Pick<WorkflowExecutionInfo, 'runId' | 'memo' | 'status' | 'startTime' | 'closeTime'>;

function knownRun({ memo, status, startTime, closeTime }: TemporalRun): KnownRun {
  const syncId = memo?.['syncId'];
  return {
    syncId: typeof syncId === 'string' ? syncId : '',
    state: stateOf(status.name),
    startedAt: startTime.getTime(),
    ...(closeTime === undefined ? {} : { endedAt: closeTime.getTime() }),
  };
}

function stateOf(status: WorkflowExecutionInfo['status']['name']): KnownRun['state'] {
  switch (status) {
    case 'COMPLETED':
      return 'succeeded';
    case 'FAILED':
    case 'CANCELLED':
    case 'TERMINATED':
    case 'TIMED_OUT':
      return 'unsuccessful';
    default:
      return 'open';
  }
}
