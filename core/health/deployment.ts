import { booleanAt, numberAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { awaitsObservation, conditionOf } from './conditions.ts';
import type { Health } from './health.ts';

/**
 * Health of an apps/v1 Deployment: Suspended while paused, Degraded past its progress deadline, Healthy once every
 * replica is updated and available and the old ones are gone. Mirrors Argo CD's `health_deployment.go`.
 */
export function deploymentHealth(object: KubernetesObject): Health {
  if (booleanAt(object, 'spec', 'paused') === true) return { status: 'Suspended', message: 'paused' };
  if (awaitsObservation(object)) return { status: 'Progressing', message: 'waiting for the new spec to be observed' };
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return { status: 'Degraded', message: `progress deadline exceeded: ${progressing.message}` };
  }
  return rollOut(object);
}

function rollOut(object: KubernetesObject): Health {
  const desired = numberAt(object, 'spec', 'replicas') ?? 1;
  const total = numberAt(object, 'status', 'replicas') ?? 0;
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? 0;
  const available = numberAt(object, 'status', 'availableReplicas') ?? 0;
  if (updated < desired) return { status: 'Progressing', message: `${updated} of ${desired} replicas updated` };
  if (total > updated) return { status: 'Progressing', message: `${total - updated} old replicas still to end` };
  if (available < updated) return { status: 'Progressing', message: `${available} of ${updated} replicas available` };
  return { status: 'Healthy', message: `${available} of ${desired} replicas available` };
}
