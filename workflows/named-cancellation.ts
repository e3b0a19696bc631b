import { CancellationScope, getExternalWorkflowHandle, patched } from '@temporalio/workflow';

/**
 * Runs a child workflow so that a cancellation reaches whatever run of it is open. Temporal cancels a child by the run that its
 * parent has started: one that a reset has put in that one's place would not hear of it, and its parent would wait for its end.
 */
export async function cancelledByName<Value>(workflowId: string, run: () => Promise<Value>): Promise<Value> {
  let isOver = false;
  CancellationScope.current().cancelRequested.catch(() => {
    if (!isOver && patched('cancel-phase-by-name')) void CancellationScope.nonCancellable(() => cancel(workflowId));
  });
  try {
    return await run();
  } finally {
    isOver = true;
  }
}

async function cancel(workflowId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).cancel();
  } catch {
    // It is not there yet, or over already: then the cancellation of the child is enough.
  }
}
