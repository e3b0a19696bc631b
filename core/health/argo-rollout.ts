import { arrayAt, booleanAt, numberAt, objectAt, stringAt, valueAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import { conditionsOf, generationOf } from './conditions.ts';
import type { Health, HealthStatus } from './health.ts';
import { HEALTH_STATUSES } from './health.ts';

const ABORTED = ['RolloutAborted', 'ProgressDeadlineExceeded'];

/**
 * Health of an argoproj.io Rollout. Since v1.0 its controller writes a phase, which is taken as it is (Paused is
 * Suspended); of older ones the conditions and replica counts are read. Mirrors
 * `resource_customizations/argoproj.io/Rollout/health.lua`.
 */
export function rolloutHealth(object: KubernetesObject): Health {
  if (!isObserved(object)) return { status: 'Progressing', message: 'waiting for the new spec to be observed' };
  const phase = stringAt(object, 'status', 'phase');
  if (phase !== undefined) return { status: statusOf(phase), message: stringAt(object, 'status', 'message') ?? '' };
  const failed = conditionsOf(object).find(
    ({ type, reason }) => type === 'InvalidSpec' || (type === 'Progressing' && ABORTED.includes(reason)),
  );
  if (failed !== undefined) return { status: 'Degraded', message: failed.message };
  if (isPaused(object)) return { status: 'Suspended', message: 'paused' };
  return rollOut(object);
}

/** Before v0.10 observedGeneration was a hash, which can't be compared; a workloadRef has a generation of its own. */
function isObserved(object: KubernetesObject): boolean {
  const status = objectAt(object, 'status');
  if (status === undefined) return false;
  const observed = numeric(valueAt(status, 'observedGeneration'));
  if (observed < generationOf(object)) return false;
  if (objectAt(object, 'spec', 'workloadRef') === undefined) return true;
  const wanted = annotationsOf(object)['rollout.argoproj.io/workload-generation'];
  return wanted === undefined || wanted === String(numeric(valueAt(status, 'workloadObservedGeneration')));
}

function numeric(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : NaN;
}

function statusOf(phase: string): HealthStatus {
  if (phase === 'Paused') return 'Suspended';
  return HEALTH_STATUSES.find((status) => status === phase) ?? 'Unknown';
}

function isPaused(object: KubernetesObject): boolean {
  const conditions = arrayAt(object, 'status', 'pauseConditions');
  return conditions.length > 0 || booleanAt(object, 'spec', 'paused') === true;
}

function rollOut(object: KubernetesObject): Health {
  const hash = stringAt(object, 'status', 'currentPodHash');
  if (hash === undefined) return { status: 'Progressing', message: 'waiting for a status' };
  const desired = numberAt(object, 'spec', 'replicas') ?? 1;
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? 0;
  const available = numberAt(object, 'status', 'availableReplicas') ?? 0;
  if (updated < desired) return { status: 'Progressing', message: `${updated} of ${desired} replicas updated` };
  if (available < updated) return { status: 'Progressing', message: `${available} of ${updated} replicas available` };
  const waiting = cutOver(object, hash, updated);
  if (waiting !== undefined) return { status: 'Progressing', message: waiting };
  return { status: 'Healthy', message: `${available} of ${desired} replicas available` };
}

function cutOver(object: KubernetesObject, hash: string, updated: number): string | undefined {
  const stable = stringAt(object, 'status', 'stableRS') ?? stringAt(object, 'status', 'canary', 'stableRS') ?? '';
  if (objectAt(object, 'spec', 'strategy', 'blueGreen') !== undefined) {
    if (stringAt(object, 'status', 'blueGreen', 'activeSelector') !== hash) return 'waiting for the active service';
    return stable !== '' && stable !== hash ? 'waiting for the analysis' : undefined;
  }
  if (objectAt(object, 'spec', 'strategy', 'canary') === undefined) return undefined;
  const old = (numberAt(object, 'status', 'replicas') ?? 0) - updated;
  if (old > 0) return `${old} old replicas still to end`;
  return stable === hash ? undefined : 'waiting for the canary steps';
}
