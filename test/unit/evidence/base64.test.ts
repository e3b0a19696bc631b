import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Of, textOfBase64 } from '../../../core/base64.ts';

describe('base64', () => {
  it('writes what Node writes, and reads it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = Buffer.from(text, 'utf8').toString('base64');
        expect(base64Of(text)).toBe(encoded);
        expect(textOfBase64(encoded)).toBe(text);
      }),
    );
  });

  it('writes half of a surrogate pair as the replacement character, as the API server does', () => {
    expect(base64Of('a\ud800b')).toBe(Buffer.from('a\ufffdb').toString('base64'));
  });

  it('reads over line breaks, and without padding', () => {
    expect(textOfBase64('aHVu\ndGVy\r\nMjI')).toBe('hunter22');
  });

  it.each(['a', 'aGVsbG8*', '_-8=', '/w==', '7aCA'])(
    'reads nothing from %s, which is no base64 or no text',
    (encoded) => {
      expect(textOfBase64(encoded)).toBeUndefined();
    },
  );
});
