import { numberAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { awaitsObservation, conditionsOf } from './conditions.ts';
import type { Health } from './health.ts';

/**
 * Health of a PodDisruptionBudget: Degraded when a condition is False for another reason than too few pods. Mirrors
 * `resource_customizations/policy/PodDisruptionBudget/health.lua`; here the conditions must also speak of the newest
 * spec, because there is no delay between waves that would give the controller time to see it.
 */
export function podDisruptionBudgetHealth(object: KubernetesObject): Health {
  const conditions = conditionsOf(object);
  const stale = numberAt(object, 'status', 'observedGeneration') !== undefined && awaitsObservation(object);
  if (conditions.length === 0 || stale) return { status: 'Progressing', message: 'waiting for a status' };
  const failed = conditions.find(({ status, reason }) => status === 'False' && reason !== 'InsufficientPods');
  if (failed !== undefined) return { status: 'Degraded', message: `the budget can't be kept: ${failed.reason}` };
  const allowed = numberAt(object, 'status', 'disruptionsAllowed') ?? 0;
  return { status: 'Healthy', message: `${allowed} disruptions allowed` };
}
