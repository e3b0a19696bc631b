import { WorkflowNotFoundError } from '@temporalio/client';
import { holderOf, workflowIdsOf } from '../core/markers.ts';
import type { Temporal } from './temporal.ts';
import { call } from './temporal.ts';

/** A sync as the record of its application names its holder. */
export interface HoldingSync {
  readonly application: string;
  readonly cluster: string;
  /** Whose sync it is (`Holder.temporal`). */
  readonly temporal: string;
}

/** Whether the workflow of an application is open, or one of its phases, which may outlive it. A sync of another Temporal counts as under way, since this one can't tell. */
export async function isUnderWay(
  temporal: Temporal,
  { application, cluster, temporal: holder }: HoldingSync,
  signal: AbortSignal,
): Promise<boolean> {
  if (temporal.id === undefined || holder !== holderOf(temporal.id, cluster, application)) return true;
  for (const workflowId of workflowIdsOf(cluster, application)) {
    if (await isOpen(temporal, workflowId, signal)) return true;
  }
  return false;
}

async function isOpen(temporal: Temporal, workflowId: string, signal: AbortSignal): Promise<boolean> {
  const workflow = temporal.client.workflow.getHandle(workflowId);
  try {
    const { status } = await call(temporal, { signal, timeoutMs: 5_000 }, () => workflow.describe());
    return status.name === 'RUNNING' || status.name === 'PAUSED';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
