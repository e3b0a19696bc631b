import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SynclineError } from '../../../core/failures.ts';
import type { JsonObject } from '../../../core/json.ts';
import { decodeBundle, encodeBundle } from '../../../core/manifests/bundle.ts';

const jsonObject = fc.dictionary(
  fc.string(),
  fc.jsonValue({ maxDepth: 3, noUnicodeString: false }).map(withoutNegativeZero),
);
const manifest = fc.record({
  object: jsonObject.map((object) => ({ ...object }) as JsonObject),
  location: fc.record({ file: fc.string(), line: fc.nat() }),
});

/** JSON text has no -0; parsing manifests never makes one. */
function withoutNegativeZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

function typeOf(decode: () => unknown): string {
  try {
    decode();
  } catch (error) {
    if (error instanceof SynclineError) return `${error.type}: ${error.message}`;
    throw error;
  }
  return 'nothing';
}

describe('a bundle', () => {
  it('is read back exactly, and its text is the same each time', () => {
    fc.assert(
      fc.property(fc.array(manifest), (manifests) => {
        const text = encodeBundle(manifests);
        expect(decodeBundle(text)).toEqual(manifests);
        expect(encodeBundle(decodeBundle(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['cut text', '{"version":1,"manif'],
    ['no version', '{"manifests":[]}'],
    ['an entry without a line', '{"version":1,"manifests":[{"file":"a","object":{}}]}'],
    ['an entry without an object', '{"version":1,"manifests":[{"file":"a","line":1,"object":[]}]}'],
  ])('%s is damage', (_, text) => {
    expect(typeOf(() => decodeBundle(text))).toMatch(/^BundleDigestMismatch/);
  });

  it('of another version is refused with the reason', () => {
    expect(typeOf(() => decodeBundle('{"version":2,"manifests":[]}'))).toMatch(/^InvalidRequest: .*version 2/);
  });

  it('does not quote damaged text, which may hold a Secret', () => {
    expect(typeOf(() => decodeBundle('{"stringData": hunter2'))).not.toContain('hunter2');
  });
});
