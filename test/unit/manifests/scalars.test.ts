import { describe, expect, it } from 'vitest';
import { resolvePlainScalar } from '../../../core/manifests/scalars.ts';

/** The right-hand sides were answered by sigs.k8s.io/yaml 1.6.0 (YAMLToJSONStrict), not by our own code. */
const AS_KUBERNETES_READS: readonly [text: string, value: unknown][] = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].map((text): [string, unknown] => [
    text,
    true,
  ]),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].map((text): [string, unknown] => [
    text,
    false,
  ]),
  ...['', '~', 'null', 'Null', 'NULL'].map((text): [string, unknown] => [text, null]),
  ['yEs', 'yEs'],
  ['nUll', 'nUll'],
  ['0', 0],
  ['-0', 0],
  ['00', 0],
  ['+1', 1],
  ['1_000', 1000],
  ['1__0', 10],
  ['_1', '_1'],
  ['0777', 511],
  ['0_7', 7],
  ['0o17', 15],
  ['0O17', 15],
  ['0o8', '0o8'],
  ['08', 8],
  ['089', 89],
  ['0x1F', 31],
  ['-0x1f', -31],
  ['0xg', '0xg'],
  ['0b11', 3],
  ['-0b11', -3],
  ['0b2', '0b2'],
  ['0xffffffffffffffffff', '0xffffffffffffffffff'],
  ['9007199254740991', 9007199254740991],
  ['1.', 1],
  ['.5', 0.5],
  ['.5_0', 0.5],
  ['+.5', 0.5],
  ['-.5e3', -500],
  ['1e3', 1000],
  ['1E+3', 1000],
  ['1.5e-3', 0.0015],
  ['1234567e8', 123456700000000],
  ['1_0.5', 10.5],
  ['1e400', '1e400'],
  ['1e', '1e'],
  ['e3', 'e3'],
  ['.', '.'],
  ['+', '+'],
  ['1.2.3', '1.2.3'],
  ['1,000', '1,000'],
  ['12:30:45', '12:30:45'],
  ['2001-01-01', '2001-01-01'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
  ['v1', 'v1'],
];

describe('resolvePlainScalar', () => {
  it.each(AS_KUBERNETES_READS)('reads %j as Kubernetes does', (text, value) => {
    const resolved = resolvePlainScalar(text);
    expect(resolved.problem).toBeUndefined();
    expect(resolved.value).toBe(value);
  });

  it.each([
    '9007199254740992',
    '-9007199254740993',
    '18446744073709551615',
    '18446744073709551616',
    '0x7fffffffffffffff',
    '0777777777777777777777777777',
  ])('refuses the integer %s, which would lose its last digits', (text) => {
    expect(resolvePlainScalar(text).problem).toMatch(/too large/);
  });

  it.each(['.inf', '-.Inf', '+.INF', '.nan', '.NaN'])('refuses %s, which JSON can not hold', (text) => {
    expect(resolvePlainScalar(text).problem).toBeDefined();
  });
});
