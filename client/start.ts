import type { WorkflowStartOptions } from '@temporalio/client';
import { isGrpcServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { workflowIdOf, workflowIdOfSync } from '../core/markers.ts';
import { describeSelection } from '../core/selection/selection.ts';
import { SYNC_QUEUE } from '../core/sync/queues.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import type { syncApplication } from '../workflows/index.ts';
import { AlreadyRunning } from './errors.ts';
import { readRequest } from './first-event.ts';
import type { Temporal } from './temporal.ts';
import { call } from './temporal.ts';

/** A sync that was started. */
export interface Started {
  readonly workflowId: string;
  readonly runId: string;
  readonly warnings: readonly string[];
}

type StartOptions = WorkflowStartOptions<typeof syncApplication>;

/** gRPC's INVALID_ARGUMENT: what a server answers, among others, for search attributes it does not know. */
const INVALID_ARGUMENT: ReadonlySet<number> = new Set([3]);

/**
 * Starts the workflow of a sync. Throws `AlreadyRunning` when the application has one that runs. Where the search attributes
 * are not registered it starts without them, and says so in the warnings.
 */
export async function startSync(temporal: Temporal, request: SyncRequest, signal: AbortSignal): Promise<Started> {
  const start = async (given: StartOptions, warnings: readonly string[]): Promise<Started> => {
    const handle = await call(temporal, { signal }, () => temporal.client.workflow.start('syncApplication', given));
    return { workflowId: handle.workflowId, runId: handle.firstExecutionRunId, warnings };
  };
  try {
    return await start(startOptions(request), []);
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw await alreadyRunning(temporal, request, signal);
    if (!saysUnknownAttribute(error)) throw error;
    const { typedSearchAttributes: _, ...plain } = startOptions({ ...request, indexed: false });
    return start(plain, [UNREGISTERED]);
  }
}

const UNREGISTERED =
  'the search attributes are not registered in this Temporal namespace, so Temporal’s UI can’t filter by application; ' +
  'start `syncline worker` once with the right to register them';

function startOptions(request: SyncRequest): StartOptions {
  const { application, cluster, namespace, revision, syncId, requestedBy, options } = request;
  const part = options.selection === undefined ? {} : { selection: describeSelection(options.selection) };
  return {
    args: [request],
    taskQueue: SYNC_QUEUE,
    workflowId: workflowIdOfSync(request),
    workflowIdConflictPolicy: 'FAIL',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `${application} → ${cluster}/${namespace} · ${revision}${part.selection === undefined ? '' : ' · partial'}`,
    staticDetails: `${options.dryRun ? 'dry run' : 'sync'} ${syncId}, asked for by ${requestedBy}${part.selection === undefined ? '' : `: ${part.selection}`}`,
    memo: { syncId, revision, namespace, requestedBy, ...part },
    typedSearchAttributes: [
      { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.application, 'KEYWORD'), value: application },
      { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.cluster, 'KEYWORD'), value: cluster },
      { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.revision, 'KEYWORD'), value: revision },
    ],
  };
}

function saysUnknownAttribute(error: unknown): boolean {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(cause) && INVALID_ARGUMENT.has(cause.code) && /search attribute/i.test(cause.message);
}

async function alreadyRunning(temporal: Temporal, request: SyncRequest, signal: AbortSignal): Promise<AlreadyRunning> {
  const running = await readRequest(
    temporal,
    { workflowId: workflowIdOf(request.cluster, request.application) },
    signal,
  );
  return new AlreadyRunning(
    request.application,
    running && { syncId: running.syncId, revision: running.revision, since: running.requestedAt },
  );
}
