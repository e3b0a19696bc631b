import { numberAt, objectAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { awaitsObservation } from './conditions.ts';
import type { Health } from './health.ts';

/**
 * Health of an apps/v1 StatefulSet: Healthy once its replicas are ready and rolled out as far as its partition asks;
 * never Degraded. Mirrors Argo CD's `health_statefulset.go`.
 */
export function statefulSetHealth(object: KubernetesObject): Health {
  const observed = numberAt(object, 'status', 'observedGeneration') ?? 0;
  if (observed === 0 || awaitsObservation(object)) {
    return { status: 'Progressing', message: 'waiting for the new spec to be observed' };
  }
  const desired = numberAt(object, 'spec', 'replicas') ?? 1;
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  if (ready < desired) return { status: 'Progressing', message: `${ready} of ${desired} replicas ready` };
  return rollOut(object, desired, ready);
}

function rollOut(object: KubernetesObject, desired: number, ready: number): Health {
  const healthy: Health = { status: 'Healthy', message: `${ready} of ${desired} replicas ready` };
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? 0;
  const strategy = stringAt(object, 'spec', 'updateStrategy', 'type');
  if (strategy === 'RollingUpdate' && objectAt(object, 'spec', 'updateStrategy', 'rollingUpdate') !== undefined) {
    const toUpdate = desired - (numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0);
    return updated < toUpdate
      ? { status: 'Progressing', message: `${updated} of ${toUpdate} replicas updated` }
      : healthy;
  }
  if (strategy === 'OnDelete') return healthy;
  const current = stringAt(object, 'status', 'currentRevision');
  return stringAt(object, 'status', 'updateRevision') === current
    ? healthy
    : { status: 'Progressing', message: `${updated} of ${desired} replicas updated` };
}
