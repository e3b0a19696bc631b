import { eventProblem } from '../core/health/event-problem.ts';
import type { PodProblem } from '../core/health/pod-problem.ts';
import { stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { uidOf } from '../core/objects.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { eventsFor } from '../kubernetes/logs-and-events.ts';

/** How long a start may take before events are asked what keeps it, ms: most pods just need a moment. */
const ORDINARY_START_MS = 5_000;

/**
 * What keeps a pod, or the pods of a Job, from starting, as the object's events tell it; undefined in its first seconds. The
 * time is that of the caller's clock, ms since 1970. Throws as `Cluster.list` does.
 */
export async function problemByEvents(
  cluster: Pick<Cluster, 'list'>,
  object: KubernetesObject,
  now: number,
  signal: AbortSignal,
): Promise<PodProblem | undefined> {
  const since = stringAt(object, 'status', 'startTime') ?? stringAt(object, 'metadata', 'creationTimestamp') ?? '';
  if (now - Date.parse(since) < ORDINARY_START_MS) return undefined;
  const events = await eventsFor(cluster, stringAt(object, 'metadata', 'namespace'), uidOf(object), signal);
  const problem = eventProblem(events);
  return problem === undefined || since === '' ? problem : { ...problem, since };
}
