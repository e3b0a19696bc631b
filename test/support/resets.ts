import proto from '@temporalio/proto';
import type { LabSync, WorkflowLab } from './workflow-lab.ts';

const { RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL: SIGNAL, RESET_REAPPLY_EXCLUDE_TYPE_UPDATE: UPDATE } =
  proto.temporal.api.enums.v1.ResetReapplyExcludeType;

/** The events of a workflow's history. */
type Events = NonNullable<Awaited<ReturnType<LabSync['handle']['fetchHistory']>>['events']>;

/** The events that carry certain attributes. */
export function eventsWith(events: Events | null | undefined, attributes: keyof Events[number]): Events {
  return (events ?? []).filter((event) => event[attributes] !== null && event[attributes] !== undefined);
}

/** Resets a workflow run to a completed workflow task, as the button in Temporal's UI does; with `forgets`, what it was told since is not told again. */
export async function resetTo(
  lab: WorkflowLab,
  workflowId: string,
  runId: string,
  task: Events[number] | undefined,
  forgets: readonly ('signals' | 'updates')[] = [],
): Promise<void> {
  if (!task?.eventId) throw new Error('there is no workflow task to go back to');
  await lab.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'test',
    requestId: `${workflowId}/${String(task.eventId)}`,
    workflowTaskFinishEventId: task.eventId,
    resetReapplyExcludeTypes: forgets.map((what) => (what === 'signals' ? SIGNAL : UPDATE)),
  });
}
