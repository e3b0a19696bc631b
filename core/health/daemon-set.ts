import { numberAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { awaitsObservation } from './conditions.ts';
import type { Health } from './health.ts';

/**
 * Health of an apps/v1 DaemonSet: Healthy once every scheduled pod is updated and available; never Degraded. Mirrors
 * Argo CD's `health_daemonset.go`.
 */
export function daemonSetHealth(object: KubernetesObject): Health {
  if (awaitsObservation(object)) return { status: 'Progressing', message: 'waiting for the new spec to be observed' };
  const desired = numberAt(object, 'status', 'desiredNumberScheduled') ?? 0;
  const updated = numberAt(object, 'status', 'updatedNumberScheduled') ?? 0;
  const available = numberAt(object, 'status', 'numberAvailable') ?? 0;
  if (stringAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return {
      status: 'Healthy',
      message: `${updated} of ${desired} pods updated; the rest follow when they are deleted`,
    };
  }
  if (updated < desired) return { status: 'Progressing', message: `${updated} of ${desired} pods updated` };
  const message = `${available} of ${desired} pods available`;
  return { status: available < desired ? 'Progressing' : 'Healthy', message };
}
