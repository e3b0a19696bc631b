import { holderOf, workflowIdsOf } from '../markers.ts';

/** A sync as the record of its application names its holder. */
export interface HoldingSync {
  readonly application: string;
  readonly cluster: string;
  /** Whose sync it is (`Holder.temporal`). */
  readonly temporal: string;
}

/** Whether a workflow of Temporal is open, by the name of its status. */
export function isOpen({ name }: { readonly name: string }): boolean {
  return name === 'RUNNING' || name === 'PAUSED';
}

/**
 * Whether a sync that holds a record is under way: its workflow is open, or one of its phases, which after a terminate still stop
 * their hooks. One of another Temporal than `temporalId` counts as such, since nothing is known of it here. `isOpenId` tells of the
 * latest run of a workflow ID.
 */
export async function isUnderWay(
  { application, cluster, temporal }: HoldingSync,
  temporalId: string | undefined,
  isOpenId: (workflowId: string) => Promise<boolean>,
): Promise<boolean> {
  if (temporalId === undefined || temporal !== holderOf(temporalId, cluster, application)) return true;
  for (const workflowId of workflowIdsOf(cluster, application)) if (await isOpenId(workflowId)) return true;
  return false;
}
