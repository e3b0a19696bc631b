import { Client, Connection } from '@temporalio/client';
import { workflowIdOf } from '../../../core/markers.ts';

/** Temporal's side of syncs. */
export interface Histories {
  readonly client: Client;
  /** The events of an application's latest sync and of its phases, by workflow ID. */
  of(application: string): Promise<readonly WorkflowHistory[]>;
  close(): Promise<void>;
}

/** The history of one workflow. */
export interface WorkflowHistory {
  readonly workflowId: string;
  readonly events: readonly HistoryEvent[];
}

type FetchedHistory = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvent = NonNullable<FetchedHistory['events']>[number];

/** Connects to a Temporal for its histories. */
export async function openHistories(address: string): Promise<Histories> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const fetch = async (workflowId: string, runId?: string): Promise<WorkflowHistory> => {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return { workflowId, events: events ?? [] };
  };
  return {
    client,
    async of(application) {
      const root = await fetch(workflowIdOf('default', application));
      const children = root.events.flatMap(({ childWorkflowExecutionStartedEventAttributes: started }) => {
        const { workflowId, runId } = started?.workflowExecution ?? {};
        return typeof workflowId === 'string' && typeof runId === 'string' ? [{ workflowId, runId }] : [];
      });
      return [root, ...(await Promise.all(children.map(({ workflowId, runId }) => fetch(workflowId, runId))))];
    },
    close: () => connection.close(),
  };
}

/** How often a workflow's history says that an activity of a type was asked for. */
export function activitiesIn(histories: readonly WorkflowHistory[], type: string): number {
  const events = histories.flatMap((history) => history.events);
  return events.filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === type).length;
}

/** Everything a history holds as text, payloads decoded. */
export function textOf(histories: readonly WorkflowHistory[]): string {
  // The events' own conversion to JSON writes bytes as base64.
  return JSON.stringify(histories, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value,
  );
}
