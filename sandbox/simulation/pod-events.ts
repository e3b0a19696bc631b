import type { ApiClient } from '../cluster/api.ts';
import type { Pod } from '../cluster/objects.ts';
import type { ObjectChange } from '../cluster/watch.ts';
import { NODE_NAME } from '../cluster/bootstrap.ts';
import { ANNOTATION, annotationFaults } from './annotations.ts';

/** Writes the events that a kubelet would about pods that cannot run. */
export interface PodEventWriter {
  note(change: ObjectChange<Pod>): void;
}

/** One event about a pod. */
export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/**
 * Makes the writer. kwok could write one event per stage with a fixed text; these name image, container and pod,
 * and there are several of them for a failed pull.
 */
export function createPodEventWriter(api: ApiClient, signal: AbortSignal): PodEventWriter {
  const told = new Set<string>();
  return {
    note: ({ kind, object: pod }) => {
      const { uid } = pod.metadata;
      if (kind === 'gone') {
        for (const key of told) if (key.startsWith(uid)) told.delete(key);
        return;
      }
      for (const event of eventsOf(pod)) {
        const key = `${uid} ${event.reason} ${event.message}`;
        if (told.has(key)) continue;
        told.add(key);
        void write(api, pod, event, signal).catch(() => told.delete(key));
      }
    },
  };
}

/** The events a pod's present state calls for. */
export function eventsOf(pod: Pod): readonly PodEvent[] {
  const faults = annotationFaults(pod.metadata.annotations).map((message) =>
    warning('InvalidSandboxAnnotation', message),
  );
  const pending = pod.metadata.annotations[ANNOTATION.pending];
  if (pod.status.containerStatuses.length === 0) return faults;
  const place = `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`;
  const container = pod.spec.containers[0];
  if (container === undefined) return faults;
  if (pending !== undefined) {
    const message = pod.metadata.annotations[ANNOTATION.pendingMessage];
    return [...faults, ...pendingEvents(pending, container.image, message, `${container.name} in pod ${place}`)];
  }
  const crashed = pod.status.containerStatuses.find(({ state }) => state.waiting?.reason === 'CrashLoopBackOff');
  return crashed ? [...faults, backOff(`${crashed.name} in pod ${place}`)] : faults;
}

function pendingEvents(reason: string, image: string, message: string | undefined, place: string): readonly PodEvent[] {
  const notFound = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": not found`;
  const pull: readonly PodEvent[] = [
    normal('Pulling', `Pulling image "${image}"`),
    warning('Failed', message ?? `Failed to pull image "${image}": rpc error: code = NotFound desc = ${notFound}`),
    warning('Failed', 'Error: ErrImagePull'),
  ];
  switch (reason) {
    case 'ErrImagePull':
      return pull;
    case 'ImagePullBackOff':
      return [
        ...pull,
        normal('BackOff', `Back-off pulling image "${image}"`),
        warning('Failed', 'Error: ImagePullBackOff'),
      ];
    case 'InvalidImageName':
      return [
        warning(
          'InspectFailed',
          message ??
            `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`,
        ),
        warning('Failed', 'Error: InvalidImageName'),
      ];
    case 'CrashLoopBackOff':
      return [backOff(place)];
    case 'CreateContainerConfigError':
      return [warning('Failed', `Error: ${message ?? 'configmap "missing" not found'}`)];
    default:
      return [warning('Failed', `Error: ${message ?? reason}`)];
  }
}

function normal(reason: string, message: string): PodEvent {
  return { type: 'Normal', reason, message };
}

function warning(reason: string, message: string): PodEvent {
  return { type: 'Warning', reason, message };
}

function backOff(place: string): PodEvent {
  return warning('BackOff', `Back-off restarting failed container ${place}`);
}

async function write(api: ApiClient, pod: Pod, event: PodEvent, signal: AbortSignal): Promise<void> {
  const { namespace = '', name, uid, resourceVersion } = pod.metadata;
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  await api.must({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/events`,
    signal,
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid, resourceVersion },
      ...event,
      source: { component: 'kubelet', host: NODE_NAME },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    },
  });
}
