import { arrayAt, isJsonObject, numberAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';

/** One entry of `status.conditions`; absent strings read as empty ones. */
export interface Condition {
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** When the status last changed, RFC 3339; empty where the object doesn't say. */
  readonly lastTransitionTime: string;
  /** The generation the condition speaks of, where it says so. */
  readonly observedGeneration: number | undefined;
}

/** The conditions of a live object in their order; empty where it has none. */
export function conditionsOf(object: KubernetesObject): readonly Condition[] {
  return arrayAt(object, 'status', 'conditions')
    .filter(isJsonObject)
    .map((entry) => ({
      type: stringAt(entry, 'type') ?? '',
      status: stringAt(entry, 'status') ?? '',
      reason: stringAt(entry, 'reason') ?? '',
      message: stringAt(entry, 'message') ?? '',
      lastTransitionTime: stringAt(entry, 'lastTransitionTime') ?? '',
      observedGeneration: numberAt(entry, 'observedGeneration'),
    }));
}

/** The first condition of a type, whatever its status. */
export function conditionOf(object: KubernetesObject, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** The first condition of a type whose status is True. */
export function trueCondition(object: KubernetesObject, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type && condition.status === 'True');
}

/** A condition's reason and message in one line: `FailedCreate: exceeded quota`. */
export function describeCondition(condition: Condition): string {
  return [condition.reason, condition.message].filter((part) => part !== '').join(': ');
}

/** The generation of the object's spec; 0 where it has none. */
export function generationOf(object: KubernetesObject): number {
  return numberAt(object, 'metadata', 'generation') ?? 0;
}

/** Whether the controller has yet to see the newest spec. A missing observedGeneration counts as 0, that is as unseen. */
export function awaitsObservation(object: KubernetesObject): boolean {
  return generationOf(object) > (numberAt(object, 'status', 'observedGeneration') ?? 0);
}
