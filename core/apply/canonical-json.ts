import type { Json } from '../json.ts';

/**
 * A JSON value as text that is equal for equal values: keys sorted by code unit, no white space, entries that are
 * undefined left out. Takes any JSON value and answers its text; lists keep their order.
 */
export function canonicalJson(value: Json): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  // Object.fromEntries keeps integer-like keys in numeric order wherever they stand, which is the same for equal objects.
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}
