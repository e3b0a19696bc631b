import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { RunsOf } from '../activities/collection/collect-garbage.ts';
import type { KnownRun } from '../core/retention/judgement.ts';
import type { ServedInput } from '../workflows/activities.ts';

/** A list that is longer says enough: older runs of one application are over for long. */
const MOST_RUNS = 1_000;

/**
 * Answers from Temporal which runs of a workflow there are. Its list may be some seconds behind; the newest run is asked for
 * itself, and an open one is always the newest.
 */
export function runsKnownTo(client: Client): RunsOf {
  return async (workflowId, signal) => [...(await runsOf(client, workflowId, signal)).values()];
}

/** The newest run of a sync among those of a workflow ID; undefined where Temporal knows none. */
export async function runOfSync(
  client: Client,
  { workflowId, syncId }: ServedInput,
  signal: AbortSignal,
): Promise<string | undefined> {
  const runs = [...(await runsOf(client, workflowId, signal))].filter(([, run]) => run.syncId === syncId);
  return runs.sort(([, one], [, other]) => other.startedAt - one.startedAt)[0]?.[0];
}

/** The runs of a workflow ID, by their run IDs. */
async function runsOf(client: Client, workflowId: string, signal: AbortSignal): Promise<ReadonlyMap<string, KnownRun>> {
  const runs = new Map<string, KnownRun>();
  for await (const info of client.workflow.list({ query: `WorkflowId = '${workflowId}'`, pageSize: 200 })) {
    signal.throwIfAborted();
    runs.set(info.runId, knownRun(info));
    if (runs.size >= MOST_RUNS) break;
  }
  const newest = await newestRun(client, workflowId);
  if (newest !== undefined) runs.set(newest.runId, knownRun(newest));
  return runs;
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
