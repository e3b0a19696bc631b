import { podProblem } from '../../core/health/pod-problem.ts';
import type { PodProblem } from '../../core/health/pod-problem.ts';
import { stringAt, stringMapAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { createdAtOf, refOf } from '../../core/objects.ts';
import { bestEffort } from '../best-effort.ts';
import { problemByEvents } from '../event-problem.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';

/**
 * What keeps the pods of a workload from running: the problem of the newest pod that has one, found by the workload's
 * selector, or what the events of one that is still starting tell. `now` is in ms since 1970. Best effort: undefined for
 * kinds without pods, and where pods may not be read or the cluster does not answer.
 */
export async function problemOfPods(
  cluster: Pick<Cluster, 'list'>,
  workload: KubernetesObject,
  now: number,
  signal: AbortSignal,
): Promise<PodProblem | undefined> {
  const { apiVersion, kind, namespace } = refOf(workload);
  if (kind === 'Pod' && apiVersion === 'v1') return podProblem(workload);
  const selector = Object.entries(stringMapAt(workload, 'spec', 'selector', 'matchLabels'));
  if (selector.length === 0 || namespace === undefined) return undefined;
  const labelSelector = selector.map(([key, value]) => `${key}=${value}`).join(',');
  return bestEffort(async () => {
    const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }, signal);
    const newestFirst = pods.toSorted((a, b) => createdAtOf(b).localeCompare(createdAtOf(a)));
    const problem = newestFirst.map(podProblem).find((each) => each !== undefined);
    const starting = newestFirst.find((pod) => stringAt(pod, 'status', 'phase') === 'Pending');
    return problem ?? (starting === undefined ? undefined : await problemByEvents(cluster, starting, now, signal));
  });
}
