import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REDACTED, redactor, secretValuesOf } from '../../../core/evidence/redaction.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

describe('redactor', () => {
  it.each([
    ['a value as it is', ['hunter22'], 'password is hunter22!', `password is ${REDACTED}!`],
    ['every occurrence', ['hunter22'], 'hunter22 hunter22', `${REDACTED} ${REDACTED}`],
    ['a value in base64', ['hunter22'], `data: ${base64('hunter22')}`, `data: ${REDACTED}`],
    [
      'a value in base64 as echo makes it, with a line break',
      ['hunter22'],
      `data: ${base64('hunter22\n')}`,
      `data: ${REDACTED}`,
    ],
    ['a value in a URL', ['p@ss/word'], 'postgres://u:p%40ss%2Fword@db', `postgres://u:${REDACTED}@db`],
    ['a value in JSON', ['say "hi" now'], '{"p":"say \\"hi\\" now"}', `{"p":"${REDACTED}"}`],
    ['a value without the line break at its end', ['hunter22\n'], 'got hunter22', `got ${REDACTED}`],
    [
      'each long line of a value of several lines',
      ['-----BEGIN-----\ntype: app\nMIIEowIBAAKCAQEA\r\nMIIEowIBAAKCAQEB\n'],
      'x MIIEowIBAAKCAQEA\ntype: app\ny MIIEowIBAAKCAQEB',
      `x ${REDACTED}\ntype: app\ny ${REDACTED}`,
    ],
    [
      'the longest of two values of which one begins the other',
      ['shop', 'shop-secret-1'],
      'shop-secret-1 shop',
      `${REDACTED} ${REDACTED}`,
    ],
    ['a value that looks like a pattern', ['a.*b$(c)[d]'], 'axxb a.*b$(c)[d]', `axxb ${REDACTED}`],
    ['no value shorter than four characters', ['dev', 'on', ''], 'dev on', 'dev on'],
    ['nothing where there are no values', [], 'hunter22', 'hunter22'],
  ])('takes out %s', (_name, values, text, expected) => {
    expect(redactor(values)(text)).toBe(expected);
  });

  it('leaves no value of four characters or more in any text', () => {
    const value = fc
      .string({ minLength: 4, maxLength: 12, unit: 'grapheme' })
      .filter((text) => !REDACTED.includes(text));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 4 }),
        fc.array(fc.string(), { maxLength: 4 }),
        (values, gaps) => {
          const text = values.map((secret, index) => `${gaps[index] ?? ''} ${secret} `).join('');
          const redacted = redactor(values)(text).replaceAll(REDACTED, '\u0000');
          for (const secret of values) expect(redacted).not.toContain(secret);
        },
      ),
    );
  });
});

describe('secretValuesOf', () => {
  const secret = (parts: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, ...parts });

  it('decodes data and takes stringData as it is, each value once', () => {
    const values = secretValuesOf([
      secret({ data: { a: base64('hunter22'), b: base64('пароль ✓ 🔑') }, stringData: { c: 'plain', d: 'hunter22' } }),
      secret({ data: { a: base64('other') } }),
    ]);
    expect(values).toEqual(['hunter22', 'пароль ✓ 🔑', 'plain', 'other']);
  });

  it('leaves out values that are no text, no base64, or empty', () => {
    expect(
      secretValuesOf([secret({ data: { a: '/w==', b: '***', c: '', d: 7, e: null }, stringData: { f: '' } })]),
    ).toEqual([]);
  });

  it('reads nothing but Secrets of the core group', () => {
    const data = { a: base64('hunter22') };
    expect(
      secretValuesOf([
        { apiVersion: 'v1', kind: 'ConfigMap', data },
        { apiVersion: 'example.io/v1', kind: 'Secret', data },
      ]),
    ).toEqual([]);
  });
});
