import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { isGrpcServiceError } from '@temporalio/client';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Temporal } from './temporal.ts';
import { call } from './temporal.ts';

/** Names one run of a workflow, or its latest. */
export interface Execution {
  readonly workflowId: string;
  readonly runId?: string;
}

/** gRPC's NOT_FOUND. */
const NOT_FOUND: ReadonlySet<number> = new Set([5]);

/** The request a sync was started with, from the first event of its history: known even when no worker lives. Undefined where there is no such sync. */
export async function readRequest(
  temporal: Temporal,
  execution: Execution,
  signal: AbortSignal,
): Promise<SyncRequest | undefined> {
  const { client, connection, namespace } = temporal;
  const answer = await call(temporal, { signal, timeoutMs: 5_000 }, () =>
    connection.workflowService.getWorkflowExecutionHistory({ namespace, execution, maximumPageSize: 1 }),
  ).catch((error: unknown) => {
    if (isGrpcServiceError(error) && NOT_FOUND.has(error.code)) return undefined;
    throw error;
  });
  const input = answer?.history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const [request] = await decodeArrayFromPayloads(client.options.loadedDataConverter, input);
  return request as SyncRequest | undefined;
}
