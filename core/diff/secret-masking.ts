import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import type { Redactor } from '../evidence/redaction.ts';
import type { KubernetesObject } from '../objects.ts';
import { isSecret } from '../objects.ts';
import type { FieldChange } from './field-changes.ts';

/** What stands for a Secret's value; says nothing of it, its length included. */
export const HIDDEN = '(hidden)';

/** What stands for the value that takes another one's place. */
export const HIDDEN_NEW = '(hidden, another value)';

/** The fields of a Secret that hold its values. */
const VALUE_FIELDS = ['data', 'stringData'];

/**
 * Two states of one Secret with their values hidden: equal values by equal words, a value that changes by different ones.
 * Other objects are answered as they are.
 */
export function masked(
  before: KubernetesObject,
  after: KubernetesObject,
): { readonly before: KubernetesObject; readonly after: KubernetesObject } {
  if (!isSecret(before) && !isSecret(after)) return { before, after };
  const old = Object.fromEntries(VALUE_FIELDS.map((field) => [field, hidden(before[field], undefined)]));
  const next = Object.fromEntries(VALUE_FIELDS.map((field) => [field, hidden(after[field], before[field])]));
  return { before: { ...before, ...old }, after: { ...after, ...next } };
}

function hidden(values: Json | undefined, before: Json | undefined): JsonObject | undefined {
  if (values === undefined || values === null) return undefined;
  if (!isJsonObject(values)) return {};
  const known = isJsonObject(before) ? before : {};
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      !Object.hasOwn(known, key) || known[key] === value ? HIDDEN : HIDDEN_NEW,
    ]),
  );
}

/** A change without the values of Secrets that also stand elsewhere, such as in a ConfigMap. */
export function redactedChange(change: FieldChange, redact: Redactor): FieldChange {
  switch (change.kind) {
    case 'added':
      return { ...change, after: redacted(change.after, redact) };
    case 'removed':
      return { ...change, before: redacted(change.before, redact) };
    case 'changed':
      return { ...change, before: redacted(change.before, redact), after: redacted(change.after, redact) };
    case 'reordered':
      return change;
  }
}

function redacted(value: Json, redact: Redactor): Json {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => redacted(item, redact));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, entry]) => [field, entry === undefined ? entry : redacted(entry, redact)]),
  );
}
