import { mapConcurrently } from '../activities/concurrency.ts';
import { hookVerdict } from '../core/health/hook-verdict.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { refOf } from '../core/objects.ts';
import type { Cluster } from '../kubernetes/cluster.ts';

/** Server-side apply of all objects at once, with the connections the worker has. */
export async function rawApply(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<number> {
  const start = performance.now();
  await mapConcurrently(objects, 16, signal, (object) => cluster.apply(object, { fieldManager: 'bench' }, signal));
  return performance.now() - start;
}

/** Jobs one after the other: created, and waited for until their end is seen. */
export async function jobsInSequence(
  cluster: Cluster,
  jobs: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<number> {
  const start = performance.now();
  for (const job of jobs) {
    await cluster.create(job, {}, signal);
    const ref = refOf(job);
    const view = await cluster.view(
      { apiVersion: ref.apiVersion, kind: ref.kind, namespace: ref.namespace ?? '' },
      signal,
    );
    for (;;) {
      const live = view.get(ref.name, ref.namespace);
      if (live !== undefined && hookVerdict(live).kind !== 'running') break;
      await view.changed(1_000, signal);
    }
    view.close();
  }
  return performance.now() - start;
}

/** Makes a namespace and waits until it is usable. */
export async function namespaceFor(cluster: Cluster, name: string, signal: AbortSignal): Promise<string> {
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, {}, signal);
  return name;
}
