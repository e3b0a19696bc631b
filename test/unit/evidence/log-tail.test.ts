import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVIDENCE_LIMITS } from '../../../core/evidence/evidence.ts';
import { tailOf } from '../../../core/evidence/log-tail.ts';

const WIDE = { maxLines: 100, maxBytes: 1000 };

describe('tailOf', () => {
  it.each([
    ['nothing of an empty log', '', WIDE, { lines: [], total: 0, truncated: false }],
    ['a line without a line break', 'a', WIDE, { lines: ['a'], total: 1, truncated: false }],
    ['no line after the last line break', 'a\nb\n', WIDE, { lines: ['a', 'b'], total: 2, truncated: false }],
    ['empty lines between others', 'a\n\nb', WIDE, { lines: ['a', '', 'b'], total: 3, truncated: false }],
    ['lines of another system', 'a\r\nb\r\n', WIDE, { lines: ['a', 'b'], total: 2, truncated: false }],
    [
      'what a progress bar showed last',
      '10%\r50%\r100%\ndone',
      WIDE,
      { lines: ['100%', 'done'], total: 2, truncated: false },
    ],
    ['the last lines', 'a\nb\nc', { maxLines: 2, maxBytes: 1000 }, { lines: ['b', 'c'], total: 3, truncated: true }],
    [
      'whole lines that fit, each with its line break',
      'aaaa\nbb\ncc',
      { maxLines: 9, maxBytes: 6 },
      { lines: ['bb', 'cc'], total: 3, truncated: true },
    ],
    ['bytes, not characters', 'ää\nöö', { maxLines: 9, maxBytes: 5 }, { lines: ['öö'], total: 2, truncated: true }],
    [
      'the end of a line that is too long',
      'first\n0123456789',
      { maxLines: 9, maxBytes: 5 },
      { lines: ['6789'], total: 2, truncated: true },
    ],
    ['no half of a character', '🔑🔑', { maxLines: 9, maxBytes: 7 }, { lines: ['🔑'], total: 1, truncated: true }],
  ])('keeps %s', (_name, text, limits, expected) => {
    expect(tailOf(text, limits)).toEqual(expected);
  });

  it('keeps at most 500 lines and 64 KiB of a container', () => {
    expect(tailOf('x\n'.repeat(600), EVIDENCE_LIMITS)).toMatchObject({
      total: 600,
      truncated: true,
      lines: { length: 500 },
    });
    const { lines } = tailOf(`${'x'.repeat(1000)}\n`.repeat(400), EVIDENCE_LIMITS);
    expect(lines).toHaveLength(Math.floor((64 * 1024) / 1001));
  });

  it('is always an end of the log within its limits', () => {
    const limits = fc.record({ maxLines: fc.integer({ min: 1, max: 5 }), maxBytes: fc.integer({ min: 1, max: 40 }) });
    const texts = fc.array(
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((line) => line.replaceAll(/[\r\n]/g, '')),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(texts, limits, (written, within) => {
        const text = `${written.join('\n')}\n`;
        const { lines, total, truncated } = tailOf(text, within);
        const kept = lines.join('\n');
        expect(written.join('\n').endsWith(kept)).toBe(true);
        expect(Buffer.byteLength(`${kept}\n`)).toBeLessThanOrEqual(Math.max(1, within.maxBytes));
        expect(lines.length).toBeLessThanOrEqual(within.maxLines);
        expect(total).toBe(written.length);
        expect(truncated).toBe(kept !== written.join('\n') || lines.length !== written.length);
      }),
    );
  });
});
