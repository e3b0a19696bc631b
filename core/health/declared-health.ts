import { numberAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import type { Condition } from './conditions.ts';
import { awaitsObservation, conditionsOf, describeCondition, generationOf } from './conditions.ts';
import type { Health, HealthStatus } from './health.ts';

interface Meaning {
  readonly True: HealthStatus;
  readonly False?: HealthStatus;
  readonly Unknown?: HealthStatus;
}

/** What each status of a known condition amounts to; a status that is not listed says nothing. In order of precedence. */
const MEANINGS: readonly (readonly [type: string, meaning: Meaning])[] = [
  ['Stalled', { True: 'Degraded' }],
  ['Reconciling', { True: 'Progressing' }],
  ['Failed', { True: 'Degraded' }],
  ['Succeeded', { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing' }],
  ['Ready', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }],
  ['Available', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }],
];

/**
 * Health of an object whose kind has no rule, from what its controller declares in the manner of kstatus: a stale
 * observedGeneration is Progressing, Stalled and Failed are Degraded, Reconciling is Progressing, then Succeeded, Ready
 * and Available decide. Undefined when it declares none of these. Source: `kstatus/status/generic.go` of
 * kubernetes-sigs/cli-utils; Argo CD has no such rule and takes these objects as healthy at once.
 */
export function declaredHealth(object: KubernetesObject): Health | undefined {
  if (numberAt(object, 'status', 'observedGeneration') !== undefined && awaitsObservation(object)) {
    return { status: 'Progressing', message: 'waiting for the new spec to be observed' };
  }
  const conditions = conditionsOf(object);
  for (const [type, meaning] of MEANINGS) {
    const condition = conditions.find((candidate) => candidate.type === type);
    const status = meaningOf(meaning, condition?.status);
    if (condition === undefined || status === undefined) continue;
    if (isStale(condition, object)) return { status: 'Progressing', message: `waiting for a newer condition ${type}` };
    return { status, message: describeCondition(condition) };
  }
  return undefined;
}

function meaningOf(meaning: Meaning, status: string | undefined): HealthStatus | undefined {
  return status === 'True' || status === 'False' || status === 'Unknown' ? meaning[status] : undefined;
}

function isStale(condition: Condition, object: KubernetesObject): boolean {
  return condition.observedGeneration !== undefined && condition.observedGeneration < generationOf(object);
}
