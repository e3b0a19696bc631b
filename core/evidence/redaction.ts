import { base64Of, textOfBase64 } from '../base64.ts';
import { stringMapAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { isSecret } from '../objects.ts';

/** What stands where a value was. */
export const REDACTED = '[redacted]';

/**
 * Values shorter than this are left: `1`, `on` or `dev` are no secrets, and taking them out of a log would leave nothing
 * to read.
 */
const MIN_LENGTH = 4;

/** The same for one line of a value of several, of which many are as common as `type: app` in a configuration. */
const MIN_LINE_LENGTH = 12;

/** A function that takes a text's secrets out. */
export type Redactor = (text: string) => string;

/**
 * Makes the function that replaces every occurrence of the given values, and of their base64 and percent-encoded forms,
 * by `[redacted]`; longest first, so that a value that contains another is taken out whole. The lines of a value of
 * several lines are also taken out one by one, because a log breaks them apart.
 */
export function redactor(secretValues: readonly string[]): Redactor {
  const needles = new Set(secretValues.flatMap(partsOf).flatMap(formsOf).filter(isLongEnough));
  if (needles.size === 0) return (text) => text;
  const longestFirst = [...needles].sort((a, b) => b.length - a.length);
  // Plain search: values may be as long as a Secret, and a pattern made of them could fail with an error that quotes it.
  return (text) => longestFirst.reduce((left, needle) => left.replaceAll(needle, () => REDACTED), text);
}

/** The values of all Secrets among some objects: `data` decoded (values that are no text are left out) and `stringData`. */
export function secretValuesOf(objects: readonly KubernetesObject[]): readonly string[] {
  const secrets = objects.filter(isSecret);
  const values = secrets.flatMap((secret) => [
    ...Object.values(stringMapAt(secret, 'data')).flatMap((value) => textOfBase64(value) ?? []),
    ...Object.values(stringMapAt(secret, 'stringData')),
  ]);
  return [...new Set(values)].filter((value) => value !== '');
}

function partsOf(value: string): readonly string[] {
  const lines = value
    .trim()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const long = lines.filter((line) => line.length >= MIN_LINE_LENGTH);
  return lines.length === 1 ? [value, value.trim()] : [value, value.trim(), ...long];
}

function formsOf(value: string): readonly string[] {
  if (!isLongEnough(value)) return [];
  return [value, base64Of(value), base64Of(`${value}\n`), percentEncoded(value), JSON.stringify(value).slice(1, -1)];
}

/** As it stands in a URL; a value that can't be encoded (half a surrogate pair) stands in none. */
function percentEncoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    return value;
  }
}

function isLongEnough(value: string): boolean {
  return value.length >= MIN_LENGTH;
}
