import type { SyncView } from '../../client/following/view.ts';

/** Which API server a sync goes to, as its worker knows it; undefined until there is a plan. */
export function destinationLine({ status }: SyncView): string | undefined {
  const { cluster, destination } = status;
  if (destination === undefined) return undefined;
  const context = destination.context === undefined ? '' : `, context ${destination.context}`;
  return `cluster ${cluster} is ${destination.server}${context}`;
}
