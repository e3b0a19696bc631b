import type { Client } from '@temporalio/client';
import { workflowIdOf } from '../../../core/markers.ts';
import type { SyncResult } from '../../../core/sync/status.ts';
import { until } from '../../e2e/support/waiting.ts';

type FetchedHistory = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvents = NonNullable<FetchedHistory['events']>;

/** One run of a workflow. */
export interface WorkflowRun {
  readonly workflowId: string;
  readonly runId: string;
}

/** How long something may be asked of a Temporal that restarts, ms. */
const PATIENCE_MS = 60_000;

/** Asks Temporal until it answers. */
function asked<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  return until(what, () => ask().catch(() => undefined), PATIENCE_MS);
}

/** Whether the latest sync of an application is over. */
export async function isOver(client: Client, application: string): Promise<boolean> {
  const workflowId = workflowIdOf('default', application);
  const { status } = await asked(`how ${workflowId} stands`, () => client.workflow.getHandle(workflowId).describe());
  return status.name !== 'RUNNING' && status.name !== 'PAUSED';
}

/** What the history of an application's latest sync says of its end; undefined where it has none. */
export async function resultIn(client: Client, application: string): Promise<SyncResult | undefined> {
  const workflowId = workflowIdOf('default', application);
  const events = await eventsOf(client, { workflowId, runId: '' });
  const last = events.at(-1);
  const done = last?.workflowExecutionCompletedEventAttributes?.result;
  const failed = last?.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo?.details;
  const [payload] = (done ?? failed)?.payloads ?? [];
  if (payload?.data === null || payload?.data === undefined) return undefined;
  return JSON.parse(Buffer.from(payload.data).toString()) as SyncResult;
}

async function eventsOf(client: Client, { workflowId, runId }: WorkflowRun): Promise<HistoryEvents> {
  const handle = client.workflow.getHandle(workflowId, ...(runId === '' ? [] : [runId]));
  const { events } = await asked(`the history of ${workflowId}`, () => handle.fetchHistory());
  return events ?? [];
}

/** All runs of all workflows that Temporal knows. */
export async function allRuns(client: Client): Promise<readonly WorkflowRun[]> {
  return asked('all workflows', async () => {
    const runs: WorkflowRun[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) runs.push({ workflowId, runId });
    return runs;
  });
}

/** Everything the history of a run holds as text, payloads decoded. */
export async function textOfHistory(client: Client, run: WorkflowRun): Promise<string> {
  return JSON.stringify(await eventsOf(client, run), (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value,
  );
}

/** The runs of an application's workflows that are open: its root, or its phases. */
export async function openRuns(
  client: Client,
  application: string,
  which: 'root' | 'phase',
): Promise<readonly WorkflowRun[]> {
  const root = workflowIdOf('default', application);
  const query = `WorkflowType = '${which === 'root' ? 'syncApplication' : 'runPhase'}' AND ExecutionStatus = 'Running'`;
  const runs: WorkflowRun[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if (workflowId === root || workflowId.startsWith(`${root}/`)) runs.push({ workflowId, runId });
  }
  return runs;
}

/** Resets a run to one of its workflow tasks, as the button of Temporal's UI does; answers the event, or undefined where there is none. */
export async function resetRun(client: Client, run: WorkflowRun, point: number): Promise<string | undefined> {
  const tasks = (await eventsOf(client, run)).filter((event) => Boolean(event.workflowTaskCompletedEventAttributes));
  const task = tasks[point % Math.max(1, tasks.length)];
  if (task?.eventId === null || task?.eventId === undefined) return undefined;
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: run,
    reason: 'chaos',
    requestId: `${run.runId}/${task.eventId.toString()}`,
    workflowTaskFinishEventId: task.eventId,
  });
  return task.eventId.toString();
}
