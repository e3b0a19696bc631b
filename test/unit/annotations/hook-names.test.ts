import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveHookName } from '../../../core/annotations/hook-names.ts';
import { nameProblem } from '../../../core/manifests/names.ts';
import { PHASES } from '../../../core/phases.ts';

const naming = { phase: 'PreSync', revision: '3F9A1c2deadbeef', syncId: 'shop-41', attempt: 1 } as const;

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz0123456789');
const anInput = fc.record({
  prefix: fc
    .tuple(fc.constantFrom(...LETTERS), fc.array(fc.constantFrom(...LETTERS, '-'), { maxLength: 70 }))
    .map(([first, rest]) => first + rest.join('')),
  phase: fc.constantFrom(...PHASES),
  revision: fc.oneof(fc.string(), fc.constant('3f9a1c2')),
  syncId: fc
    .array(fc.constantFrom(...LETTERS, '-'), { minLength: 1, maxLength: 40 })
    .map((letters) => letters.join('')),
  attempt: fc.integer({ min: 1, max: 999 }),
});

describe('resolveHookName', () => {
  it('appends revision, phase, sync and attempt [argo 1.generateName]', () => {
    expect(resolveHookName('migrate-', naming)).toBe('migrate-3f9a1c2-presync-shop-41-1');
  });

  it('leaves a revision out that has no usable character', () => {
    expect(resolveHookName('migrate-', { ...naming, revision: '' })).toBe('migrate-presync-shop-41-1');
  });

  it.each([
    ['phase', { phase: 'PostSync' }],
    ['sync', { syncId: 'shop-42' }],
    ['attempt', { attempt: 2 }],
    ['revision', { revision: 'abc' }],
  ] as const)('differs with the %s, also where the name is cut', (_, change) => {
    for (const prefix of ['migrate-', 'a-very-long-prefix-that-fills-most-of-the-name-of-a-job-']) {
      expect(resolveHookName(prefix, { ...naming, ...change })).not.toBe(resolveHookName(prefix, naming));
    }
  });

  it('tells long prefixes apart that begin alike', () => {
    const long = 'a'.repeat(60);
    expect(resolveHookName(`${long}b-`, naming)).not.toBe(resolveHookName(`${long}c-`, naming));
  });

  it('is always a valid name of at most 63 characters, and always the same', () => {
    fc.assert(
      fc.property(anInput, ({ prefix, ...rest }) => {
        const name = resolveHookName(prefix, rest);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(nameProblem('v1', 'Namespace', name)).toBeUndefined();
        expect(resolveHookName(prefix, rest)).toBe(name);
      }),
    );
  });
});
