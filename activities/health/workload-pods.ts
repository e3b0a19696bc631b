import { REVISED_BY, currentPods, kindKeyOf } from '../../core/health/current-pods.ts';
import { podProblem } from '../../core/health/pod-problem.ts';
import type { PodProblem } from '../../core/health/pod-problem.ts';
import { stringAt, stringMapAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { createdAtOf, refOf } from '../../core/objects.ts';
import { bestEffort } from '../best-effort.ts';
import { problemByEvents } from '../event-problem.ts';
import { eventReader } from '../event-reader.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';

/**
 * What keeps the pods of a workload from running: the problem of the newest pod that has one, of those that its newest revision
 * has (of all that its selector finds, where the kind is not known), or what the events of one that is still starting tell. `now`
 * is in ms since 1970. Best effort: undefined for kinds without pods, and where pods may not be read or the cluster does not answer.
 */
export async function problemOfPods(
  cluster: Pick<Cluster, 'list'>,
  workload: KubernetesObject,
  now: number,
  signal: AbortSignal,
): Promise<PodProblem | undefined> {
  const { apiVersion, kind, namespace } = refOf(workload);
  if (kind === 'Pod' && apiVersion === 'v1') return podProblem(workload);
  const labelSelector = selectorOf(workload);
  if (labelSelector === '' || namespace === undefined) return undefined;
  return bestEffort(async () => {
    const pods = await podsOf(cluster, workload, { namespace, labelSelector }, signal);
    const newestFirst = pods.toSorted((a, b) => createdAtOf(b).localeCompare(createdAtOf(a)));
    const problem = newestFirst.map(podProblem).find((each) => each !== undefined);
    const starting = newestFirst.find((pod) => stringAt(pod, 'status', 'phase') === 'Pending');
    return (
      problem ??
      (starting === undefined ? undefined : await problemByEvents(eventReader(cluster, signal), starting, now))
    );
  });
}

/** ReplicaSets and ControllerRevisions carry the labels of the pods they are for. */
async function podsOf(
  cluster: Pick<Cluster, 'list'>,
  workload: KubernetesObject,
  place: { readonly namespace: string; readonly labelSelector: string },
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const revisedBy = REVISED_BY[kindKeyOf(refOf(workload))];
  const list = (apiVersion: string, kind: string) => cluster.list({ apiVersion, kind, ...place }, signal);
  const [pods, revisions] = await Promise.all([
    list('v1', 'Pod'),
    revisedBy === undefined ? [] : list('apps/v1', revisedBy),
  ]);
  return currentPods(workload, { pods, replicaSets: revisions, controllerRevisions: revisions }) ?? pods;
}

function selectorOf(workload: KubernetesObject): string {
  const labels = Object.entries(stringMapAt(workload, 'spec', 'selector', 'matchLabels'));
  const plain = labels.length > 0 ? labels : Object.entries(stringMapAt(workload, 'spec', 'selector'));
  return plain.map(([key, value]) => `${key}=${value}`).join(',');
}
