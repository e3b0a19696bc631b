import type { Json } from '../json.ts';

/** What a plain scalar was read as. */
export interface ResolvedScalar {
  readonly type: 'null' | 'bool' | 'int' | 'float' | 'str';
  readonly value: Json;
  /** Why the value can't be kept exactly as JSON; absent when it can. */
  readonly problem?: string;
}

const WORDS: ReadonlyMap<string, ResolvedScalar> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => entry(word, 'bool', true)),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) =>
    entry(word, 'bool', false),
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => entry(word, 'null', null)),
  ...['.nan', '.NaN', '.NAN'].map((word) => notJson(word)),
  ...['', '+', '-'].flatMap((sign) => ['.inf', '.Inf', '.INF'].map((word) => notJson(sign + word))),
]);

const INTEGER = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const DECIMAL_DIGITS = /^[-+]?[0-9]+$/;
const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);

/**
 * Reads an unquoted YAML scalar as Kubernetes does: sigs.k8s.io/yaml on go-yaml v2, `resolve.go`. That is YAML 1.1's
 * booleans (`yes`, `on`, `y`), octals with and without `o`, underscores in numbers, and timestamps as strings.
 * An integer that a JSON number can't hold exactly, an infinity and NaN come back with a `problem`.
 */
export function resolvePlainScalar(text: string): ResolvedScalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charAt(0);
  // Go's ParseFloat reads this one, with underscores between digits only.
  if (first === '.') return resolveFloat(text.replaceAll(/(?<=[0-9])_(?=[0-9])/g, '')) ?? { type: 'str', value: text };
  if (!/[-+0-9]/.test(first)) return { type: 'str', value: text };
  const plain = text.replaceAll('_', '');
  return resolveInteger(plain) ?? resolveFloat(plain) ?? { type: 'str', value: text };
}

function resolveInteger(plain: string): ResolvedScalar | undefined {
  const value = bigIntOf(plain);
  if (value === undefined) return undefined;
  if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) {
    return { type: 'int', value: Number(value) };
  }
  // go-yaml falls through to a string (or, for decimal digits, an inexact float) beyond 64 bits.
  if ((value < MIN_INT64 || value > MAX_UINT64) && !DECIMAL_DIGITS.test(plain)) return undefined;
  return { type: 'int', value: null, problem: 'the integer is too large to be kept exactly' };
}

function bigIntOf(plain: string): bigint | undefined {
  const match = INTEGER.exec(plain);
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const magnitude =
    hex !== undefined
      ? BigInt(`0x${hex}`)
      : binary !== undefined
        ? BigInt(`0b${binary}`)
        : octal !== undefined
          ? BigInt(`0o${octal}`)
          : BigInt(decimal ?? '0');
  return sign === '-' ? -magnitude : magnitude;
}

function resolveFloat(plain: string): ResolvedScalar | undefined {
  if (!FLOAT.test(plain)) return undefined;
  const value = Number(plain);
  // Go's ParseFloat reports a range error here, and go-yaml then keeps the text.
  if (!Number.isFinite(value)) return undefined;
  return { type: 'float', value: value === 0 ? 0 : value };
}

function entry(word: string, type: ResolvedScalar['type'], value: Json): [string, ResolvedScalar] {
  return [word, { type, value }];
}

function notJson(word: string): [string, ResolvedScalar] {
  return [word, { type: 'float', value: null, problem: 'infinities and NaN have no place in a Kubernetes object' }];
}
