import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import type { Consultation } from '../../core/application/consultation.ts';
import { SynclineError, failure } from '../../core/failures.ts';
import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import type { consultCluster } from '../../workflows/index.ts';
import { NotFound } from '../errors.ts';
import type { Connections } from './connections.ts';
import { call } from './temporal.ts';

/** How long a client waits for an answer, ms. */
const PATIENCE_MS = 45_000;

/**
 * Asks a worker something of a cluster and reads its answer. Throws the failures it answers with, `NotFound` where there is no
 * such thing, and `TemporalUnavailable` where no
 * worker answers in time.
 */
export async function consulted(
  { temporal, bundles }: Connections,
  asked: Consultation,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = await call(temporal, { signal }, () =>
    temporal.client.workflow.execute<typeof consultCluster>('consultCluster', {
      args: [asked],
      taskQueue: SYNC_QUEUE,
      workflowId: `consult/${asked.cluster}/${randomUUID()}`,
      workflowRunTimeout: PATIENCE_MS,
      staticSummary: `${asked.kind} of cluster ${asked.cluster}`,
    }),
  ).catch((error: unknown) => {
    if (error instanceof WorkflowFailedError) throw unanswered(error);
    throw error;
  });
  if (answer.kind === 'answered') return JSON.parse(decode(await bundles().get(answer.digest, signal))) as unknown;
  if (answer.kind === 'missing') throw new NotFound(answer.failure.message, answer.failure);
  const [first, ...others] = answer.failures;
  if (first === undefined) throw new Error('a failed consultation says why');
  throw new SynclineError([first, ...others]);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function unanswered(cause: WorkflowFailedError): SynclineError {
  return failure(
    'TemporalUnavailable',
    `no worker has answered within ${String(PATIENCE_MS / 1000)} s`,
    { remedy: 'see that a worker runs and reaches the cluster: syncline worker' },
    { cause },
  );
}
