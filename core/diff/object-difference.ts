import type { Redactor } from '../evidence/redaction.ts';
import type { KubernetesObject, ObjectRef } from '../objects.ts';
import { comparable } from './comparable.ts';
import { fieldChanges } from './field-changes.ts';
import { masked, redactedChange } from './secret-masking.ts';
import type { ObjectDifference } from './sync-diff.ts';

/**
 * What an apply changes in a live object, by the object that the API server predicts. Defaults and quantities stand on both
 * sides as the server writes them, so they are no change. `redact` takes the values of Secrets out of other objects.
 */
export function objectDifference(
  ref: ObjectRef,
  live: KubernetesObject,
  predicted: KubernetesObject,
  redact: Redactor,
): ObjectDifference {
  const { before, after } = masked(comparable(live), comparable(predicted));
  const changes = fieldChanges(before, after).map((change) => redactedChange(change, redact));
  return changes.length === 0 ? { kind: 'marked', ref } : { kind: 'changed', ref, changes };
}
