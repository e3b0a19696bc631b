import { describe, expect, it } from 'vitest';
import { globPattern } from '../../core/glob.ts';

describe('a pattern of a shell’s kind', () => {
  it.each([
    ['*.crossplane.io/*', 'aws.crossplane.io/Bucket', true],
    ['*.crossplane.io/*', 'crossplane.io/Bucket', false],
    ['*', 'a.io/B', false],
    ['*/*', 'a.io/B', true],
    ['*/*', 'Pod', false],
    ['a.io/B?', 'a.io/Bc', true],
    ['a.io/B?', 'a.io/B', false],
    ['a.io/[BC]', 'a.io/C', true],
    ['a.io/[!BC]', 'a.io/C', false],
    ['a.io/[!BC]', 'a.io/D', true],
    ['a.io/[!BC]', 'a.io//', false],
    ['{a,b*}.io/K', 'bee.io/K', true],
    ['{a,b*}.io/K', 'c.io/K', false],
    ['a\\*/K', 'a*/K', true],
    ['a\\*/K', 'ab/K', false],
    ['a.io/K', 'axio/K', false],
    ['a[', 'a[', true],
    ['a{b', 'a{b', true],
  ])('%s of parts, against %s: %s', (pattern, text, expected) => {
    expect(globPattern(pattern, false).test(text)).toBe(expected);
  });

  it('covers several parts at once where it may', () => {
    expect(globPattern('*', true).test('a.io/B')).toBe(true);
    expect(globPattern('a?B', true).test('a/B')).toBe(true);
    expect(globPattern('a[!x]B', true).test('a/B')).toBe(true);
    expect(globPattern('{*,x}', true).test('a/B')).toBe(true);
  });
});
