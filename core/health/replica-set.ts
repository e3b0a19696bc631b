import { numberAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { awaitsObservation, describeCondition, trueCondition } from './conditions.ts';
import type { Health } from './health.ts';

/**
 * Health of an apps/v1 ReplicaSet, and of a ReplicationController, whose status is the same: Degraded when its pods
 * can't be created, Healthy once they are available. Mirrors Argo CD's `health_replicaset.go`; Argo CD has no rule for
 * a ReplicationController.
 */
export function replicaSetHealth(object: KubernetesObject): Health {
  if (awaitsObservation(object)) return { status: 'Progressing', message: 'waiting for the new spec to be observed' };
  const failure = trueCondition(object, 'ReplicaFailure');
  if (failure !== undefined) return { status: 'Degraded', message: describeCondition(failure) };
  const desired = numberAt(object, 'spec', 'replicas') ?? 1;
  const available = numberAt(object, 'status', 'availableReplicas') ?? 0;
  const message = `${available} of ${desired} replicas available`;
  return { status: available < desired ? 'Progressing' : 'Healthy', message };
}
