import type { SyncListing } from './sync-listing.ts';
import { readLine, waitingIn } from '../line/line.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

const ID = /^queue\/([^/]+)\/([^/]+)$/;

/** The requests that wait for their turn, each application's in their order. Lines that no worker tells of are left out. */
export async function listQueued(temporal: Temporal, signal: AbortSignal): Promise<readonly SyncListing[]> {
  const open: { readonly workflowId: string; readonly runId: string }[] = [];
  await call(temporal, { signal, timeoutMs: 20_000 }, async () => {
    const query = "WorkflowType = 'queueSyncs' AND ExecutionStatus = 'Running'";
    for await (const { workflowId, runId } of temporal.client.workflow.list({ query, pageSize: 200 })) {
      open.push({ workflowId, runId });
    }
  });
  const lists = await Promise.all(open.map((queue) => requestsIn(temporal, queue, signal)));
  return lists.flat();
}

async function requestsIn(
  temporal: Temporal,
  queue: { readonly workflowId: string; readonly runId: string },
  signal: AbortSignal,
): Promise<readonly SyncListing[]> {
  const [, cluster, application] = ID.exec(queue.workflowId) ?? [];
  if (cluster === undefined || application === undefined) return [];
  const line = await readLine(temporal, { cluster, application }, signal);
  return waitingIn(line).map(({ request, since }) => {
    const { namespace, syncId, revision, requestedBy } = request;
    return {
      ...{ application, cluster, namespace, syncId, revision, requestedBy },
      outcome: 'Queued',
      startedAt: since,
      ...queue,
    };
  });
}
