import type { WorkflowStartOptions } from '@temporalio/client';
import { isGrpcServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { workflowIdOf, workflowIdOfSync } from '../../core/markers.ts';
import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { syncApplication } from '../../workflows/index.ts';
import { attributesOfSync, describedSync } from '../../workflows/sync-description.ts';
import { AlreadyRunning } from '../errors.ts';
import { readRequest } from '../connection/first-event.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

/** A sync that was started. */
export interface Started {
  readonly workflowId: string;
  readonly runId: string;
  readonly warnings: readonly string[];
}

type StartOptions = WorkflowStartOptions<typeof syncApplication>;

/** gRPC's INVALID_ARGUMENT: what a server answers, among others, for search attributes it does not know. */
const INVALID_ARGUMENT: ReadonlySet<number> = new Set([3]);

/** When a sync may be started. */
export interface StartCondition {
  /** Only where the application's latest run did not succeed. @default false */
  readonly afterFailure?: boolean;
}

/**
 * Starts the workflow of a sync. Throws `AlreadyRunning` when the application has one that runs. Where the search attributes
 * are not registered it starts without them, and says so in the warnings.
 */
export async function startSync(
  temporal: Temporal,
  request: SyncRequest,
  signal: AbortSignal,
  condition: StartCondition = {},
): Promise<Started> {
  try {
    return await indexedOrNot(request, async (given, warnings) => {
      const handle = await call(temporal, { signal }, () =>
        temporal.client.workflow.start('syncApplication', startOptions(given, condition)),
      );
      return { workflowId: handle.workflowId, runId: handle.firstExecutionRunId, warnings };
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw await alreadyRunning(temporal, request, signal);
    throw error;
  }
}

/** Begins what a request asks for, again without search attributes where Temporal does not know them, which the warnings then say. */
export async function indexedOrNot<Request extends { readonly indexed: boolean }, Begun>(
  request: Request,
  begin: (request: Request, warnings: readonly string[]) => Promise<Begun>,
): Promise<Begun> {
  try {
    return await begin(request, []);
  } catch (error) {
    if (!saysUnknownAttribute(error)) throw error;
    return begin({ ...request, indexed: false }, [UNREGISTERED]);
  }
}

const UNREGISTERED =
  'the search attributes are not registered in this Temporal namespace, so Temporal’s UI can’t filter by application; ' +
  'start `syncline worker` once with the right to register them';

function startOptions(request: SyncRequest, { afterFailure = false }: StartCondition): StartOptions {
  return {
    ...describedSync(request),
    args: [request],
    taskQueue: SYNC_QUEUE,
    workflowId: workflowIdOfSync(request),
    workflowIdConflictPolicy: 'FAIL',
    workflowIdReusePolicy: afterFailure ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'ALLOW_DUPLICATE',
    ...(request.indexed ? { typedSearchAttributes: attributesOfSync(request) } : {}),
  };
}

function saysUnknownAttribute(error: unknown): boolean {
  // The client of schedules tells of a wrong argument in an error of its own.
  if (error instanceof TypeError) return /search attribute/i.test(error.message);
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(cause) && INVALID_ARGUMENT.has(cause.code) && /search attribute/i.test(cause.message);
}

async function alreadyRunning(temporal: Temporal, request: SyncRequest, signal: AbortSignal): Promise<AlreadyRunning> {
  const running = await readRequest(
    temporal,
    { workflowId: workflowIdOf(request.cluster, request.application) },
    signal,
  );
  const { application } = request;
  const which =
    running === undefined
      ? ''
      : ` (sync ${running.syncId}, revision ${running.revision}, since ${new Date(running.requestedAt).toISOString()})`;
  return new AlreadyRunning(`a sync of ${application} is running already${which}`, {
    remedy: `follow it with \`syncline status ${application} --watch\`, end it with \`syncline abort ${application}\`, or wait for it with --if-running queue`,
  });
}
