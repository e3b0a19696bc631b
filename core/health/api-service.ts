import type { KubernetesObject } from '../objects.ts';
import { conditionOf, describeCondition } from './conditions.ts';
import type { Health } from './health.ts';

/** Health of an APIService: Healthy once it is Available. Mirrors Argo CD's `health_apiservice.go`. */
export function apiServiceHealth(object: KubernetesObject): Health {
  const available = conditionOf(object, 'Available');
  if (available === undefined) return { status: 'Progressing', message: 'waiting to be looked at' };
  const message = describeCondition(available);
  return { status: available.status === 'True' ? 'Healthy' : 'Progressing', message };
}
