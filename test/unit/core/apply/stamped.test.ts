import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../core/apply/canonical-json.ts';
import { stamped } from '../../../../core/apply/stamped.ts';
import type { Json } from '../../../../core/json.ts';

const stamp = { owner: 'shop/shop', digest: 'd1', namespace: 'shop' };

describe('a stamped object', () => {
  it('carries owner, digest and namespace beside everything its author wrote', () => {
    const manifest = { kind: 'Thing', metadata: { name: 'a', annotations: { mine: 'x' } }, unknown: { kept: [1] } };
    expect(stamped(manifest, stamp)).toEqual({
      kind: 'Thing',
      metadata: {
        name: 'a',
        namespace: 'shop',
        annotations: { mine: 'x', 'syncline.dev/owner': 'shop/shop', 'syncline.dev/digest': 'd1' },
      },
      unknown: { kept: [1] },
    });
  });

  it('names no namespace where its kind is cluster-scoped', () => {
    const manifest = { metadata: { name: 'a', namespace: 'written' } };
    expect(stamped(manifest, { ...stamp, namespace: undefined })).not.toHaveProperty('metadata.namespace');
  });

  it('is a new one: the manifest stays as it is', () => {
    const manifest = Object.freeze({ metadata: Object.freeze({ name: 'a', annotations: Object.freeze({}) }) });
    expect(() => stamped(manifest, stamp)).not.toThrow();
    expect(manifest).toEqual({ metadata: { name: 'a', annotations: {} } });
  });

  it('is made of a manifest whose annotations are null', () => {
    expect(stamped({ metadata: { name: 'a', annotations: null } }, stamp)).toHaveProperty('metadata.annotations', {
      'syncline.dev/owner': 'shop/shop',
      'syncline.dev/digest': 'd1',
    });
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed as Json)).toBe(canonicalJson(object as Json));
      }),
    );
  });

  it('means what it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        expect(JSON.parse(canonicalJson(value as Json))).toStrictEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    [{ b: 1, a: [{ d: 1, c: 2 }] }, '{"a":[{"c":2,"d":1}],"b":1}'],
    [{ a: undefined, b: null }, '{"b":null}'],
    [[2, 1], '[2,1]'],
  ])('writes %j as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });
});
