import type { Json } from '../core/json.ts';
import { numberAt, stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { isOwnedBy } from '../core/objects.ts';
import type { Cluster } from './cluster.ts';

/** What happened to an object, from a Kubernetes Event. */
export interface ObjectEvent {
  /** When it was last seen, in ISO 8601; the empty string where the event does not say. */
  readonly at: string;
  /** `Normal` or `Warning`. */
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** How often it was seen. */
  readonly count: number;
  /** The object it is about: `Pod/db-migrate-x7k2p`. */
  readonly object: string;
}

/**
 * The events about the object with this UID, oldest first. Events stand in the object's namespace; those of a
 * cluster-scoped object stand in `default`, which is read where `namespace` is undefined. Throws as `Cluster.list` does.
 */
export async function eventsFor(
  cluster: Pick<Cluster, 'list'>,
  namespace: string | undefined,
  uid: string,
  signal: AbortSignal,
): Promise<readonly ObjectEvent[]> {
  const query = { apiVersion: 'v1', kind: 'Event', namespace: namespace ?? 'default' };
  const events = await cluster.list({ ...query, fieldSelector: `involvedObject.uid=${uid}` }, signal);
  return events.map(objectEventOf).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/**
 * The pods an owner (a Job, a ReplicaSet) made, by their owner references: labels can be changed, references are what
 * Kubernetes' garbage collection goes by. Throws as `Cluster.list` does.
 */
export async function podsOf(
  cluster: Pick<Cluster, 'list'>,
  namespace: string,
  ownerUid: string,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal);
  return pods.filter((pod) => isOwnedBy(pod, ownerUid));
}

function objectEventOf(event: KubernetesObject): ObjectEvent {
  return {
    at: timeOf(event),
    type: stringAt(event, 'type') ?? '',
    reason: stringAt(event, 'reason') ?? '',
    message: (stringAt(event, 'message') ?? '').trim(),
    count: numberAt(event, 'series', 'count') ?? numberAt(event, 'count') ?? 1,
    object: `${stringAt(event, 'involvedObject', 'kind') ?? ''}/${stringAt(event, 'involvedObject', 'name') ?? ''}`,
  };
}

/** Old reporters set `lastTimestamp`, those of events.k8s.io/v1 `eventTime` and a series. */
const TIMES: readonly (readonly string[])[] = [
  ['series', 'lastObservedTime'],
  ['lastTimestamp'],
  ['eventTime'],
  ['firstTimestamp'],
  ['metadata', 'creationTimestamp'],
];

function timeOf(event: Json): string {
  for (const path of TIMES) {
    const at = Date.parse(stringAt(event, ...path) ?? '');
    if (!Number.isNaN(at)) return new Date(at).toISOString();
  }
  return '';
}
