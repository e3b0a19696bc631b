import { arrayAt, booleanAt, objectAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import type { Health } from './health.ts';

/**
 * Health of a CronJob: Degraded when it is idle and its last run did not succeed, else Healthy, also while suspended.
 * Mirrors Argo CD's `resource_customizations/batch/CronJob/health.lua`.
 */
export function cronJobHealth(object: KubernetesObject): Health {
  if (booleanAt(object, 'spec', 'suspend') === true) return { status: 'Healthy', message: 'suspended' };
  if (objectAt(object, 'status') === undefined) return { status: 'Progressing', message: 'waiting for a status' };
  const scheduled = stringAt(object, 'status', 'lastScheduleTime');
  const succeeded = stringAt(object, 'status', 'lastSuccessfulTime');
  if (scheduled === undefined) return { status: 'Healthy', message: 'not scheduled yet' };
  if (succeeded === undefined) return { status: 'Healthy', message: 'no run has succeeded yet' };
  if (arrayAt(object, 'status', 'active').length > 0) return { status: 'Healthy', message: 'a run is under way' };
  // Both are RFC 3339 in UTC and whole seconds, so their order as text is their order in time.
  return succeeded < scheduled
    ? { status: 'Degraded', message: `the run of ${scheduled} did not succeed` }
    : { status: 'Healthy', message: `last run succeeded at ${succeeded}` };
}
