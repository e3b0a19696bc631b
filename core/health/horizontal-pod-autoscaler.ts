import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import type { Json } from '../json.ts';
import { stringAt } from '../json.ts';
import type { Condition } from './conditions.ts';
import { conditionsOf, describeCondition } from './conditions.ts';
import type { Health } from './health.ts';

/** Where autoscaling/v1, whose status has no conditions, keeps them. */
const CONDITIONS_ANNOTATION = 'autoscaling.alpha.kubernetes.io/conditions';

/** The conditions and reasons that mean that it doesn't work, as `type/reason`. */
const FAILURES = [
  'AbleToScale/FailedGetScale',
  'AbleToScale/FailedUpdateScale',
  'ScalingActive/FailedGetResourceMetric',
  'ScalingActive/FailedGetObjectMetric',
  'ScalingActive/FailedGetPodsMetric',
  'ScalingActive/FailedGetExternalMetric',
  'ScalingActive/FailedComputeMetricsReplicas',
  'ScalingActive/InvalidSelector',
];

const WORKING = ['AbleToScale', 'ScalingLimited'];

/**
 * Health of a HorizontalPodAutoscaler: Degraded when it can't read its metrics or scale its target, Healthy once it
 * can. Mirrors Argo CD's `health_hpa.go`.
 */
export function horizontalPodAutoscalerHealth(object: KubernetesObject): Health {
  const conditions = stringAt(object, 'apiVersion') === 'autoscaling/v1' ? annotated(object) : conditionsOf(object);
  if (conditions === undefined) {
    return { status: 'Unknown', message: `annotation ${CONDITIONS_ANNOTATION} is not a JSON list of conditions` };
  }
  const failed = conditions.find(({ type, reason }) => FAILURES.includes(`${type}/${reason}`));
  if (failed !== undefined) return { status: 'Degraded', message: describeCondition(failed) };
  const working = conditions.find((condition) => WORKING.includes(condition.type) && condition.status === 'True');
  if (working !== undefined) return { status: 'Healthy', message: describeCondition(working) };
  return { status: 'Progressing', message: 'waiting for its first look at the metrics' };
}

function annotated(object: KubernetesObject): readonly Condition[] | undefined {
  const text = annotationsOf(object)[CONDITIONS_ANNOTATION];
  if (text === undefined) return [];
  try {
    const parsed = JSON.parse(text) as Json;
    return Array.isArray(parsed) ? conditionsOf({ status: { conditions: parsed as readonly Json[] } }) : undefined;
  } catch {
    return undefined;
  }
}
