import type { Json } from '../json.ts';

/** What tells one item of a list from the others, e.g. `{name: 'web'}`. */
export type ItemKey = Readonly<Record<string, string | number | boolean>>;

/** One step down an object: a field, an item of a list by its key, or by its index where it has none. */
export type PathStep = string | { readonly key: ItemKey } | { readonly index: number };

/** Where a field stands in an object. */
export type FieldPath = readonly PathStep[];

/** A path as people read it: `spec.containers[name=web].ports[0]`; a field with other characters than a name's is quoted. */
export function pathText(path: FieldPath): string {
  return path.map(stepText).join('').replace(/^\./, '');
}

function stepText(step: PathStep): string {
  if (typeof step === 'string') return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  return 'index' in step ? `[${String(step.index)}]` : `[${keyText(step.key)}]`;
}

/** The key of an item as people read it: `containerPort=80,protocol=TCP`. */
export function keyText(key: ItemKey): string {
  return Object.entries(key)
    .map(([field, value]) => `${field}=${String(value)}`)
    .join(',');
}

/** Whether a value can stand in an item's key. */
export function isKeyValue(value: Json | undefined): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
