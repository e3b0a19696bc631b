import { stringAt } from '../../core/json.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';

/** Resolves once the pod of the shop's migration runs. */
export async function migrationRunning(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const view = await cluster.view({ apiVersion: 'v1', kind: 'Pod' }, signal);
  try {
    const running = () =>
      view
        .all()
        .some(
          (pod) =>
            stringAt(pod, 'metadata', 'name')?.includes('migrate') === true &&
            stringAt(pod, 'status', 'phase') === 'Running',
        );
    while (!running()) await view.changed(1_000, signal);
  } finally {
    view.close();
  }
}
