import { describe, expect, it } from 'vitest';
import { SHAPES } from '../../../../core/sync/command-shapes.ts';
import { UNREADABLE, readMessage } from '../../../../core/sync/message-fields.ts';

const LONG = 'x'.repeat(1_500_000);

describe('a message that somebody has typed', () => {
  it.each<[string, unknown, object]>([
    ['nothing at all', undefined, {}],
    ['null', null, {}],
    ['fields, some of them null', { by: 'ann', gate: null, plan: undefined }, { by: 'ann' }],
    ['a blank name and a blank reason, which say nothing', { by: ' ', reason: '' }, {}],
  ])('may be %s', (_, sent, fields) => {
    expect(readMessage(SHAPES.approve, sent)).toEqual({ fields });
  });

  it.each<[string, unknown, RegExp]>([
    ['a text', 'PreSync/0', /^approve takes an object such as \{"by".*\}, not a text$/],
    ['a number', 5, /not a number$/],
    ['true', true, /not `true`$/],
    ['a list', [{ by: 'ann' }], /not a list$/],
    ['bytes', new Uint8Array([1]), /not bytes$/],
    ['bytes that nobody can read', UNREADABLE, /can't be read: approve takes JSON such as \{"by"/],
    [
      'a field that nobody knows',
      { by: 'ann', gates: 'a' },
      /no field `gates`: it takes `by`, `reason`, `id`, `plan`, `gate`$/,
    ],
    ['a field of objects’ own', { by: 'ann', toString: 'a' }, /no field `toString`/],
    ['a field of a name without end', { [LONG]: 1 }, /^approve has no field `x{50}…`/],
    ['a number for a text', { by: 'ann', gate: 0 }, /^`gate` of approve must be a text, not a number$/],
    ['a list for a text', { by: ['ann'] }, /^`by` of approve must be a text, not a list$/],
    ['an object for a text', { by: 'ann', plan: {} }, /^`plan` of approve must be a text, not an object$/],
    ['an empty gate', { by: 'ann', gate: '' }, /^`gate` of approve is empty$/],
    [
      'a text without end',
      { by: 'ann', reason: LONG },
      /^`reason` of approve has 1500000 characters, and at most 2000/,
    ],
  ])('is refused with %s in it', (_, sent, fault) => {
    const message = readMessage(SHAPES.approve, sent);
    expect(message.fault).toMatch(fault);
    expect(message.fault?.length).toBeLessThan(200);
  });

  it.each<[string, object, RegExp]>([
    ['a flag', { restart: 'yes' }, /^`restart` of retry must be `true` or `false`, not a text$/],
    ['a place', { from: 3 }, /^`from` of retry must be a text/],
  ])('is refused where %s of a retry is none, which would retry something else', (_, sent, fault) => {
    expect(readMessage(SHAPES.retry, { by: 'ann', ...sent }).fault).toMatch(fault);
  });

  it.each([-1, 1e300, Number.NaN])('is refused with %s ms, for which no timer can be set', (withinMs) => {
    expect(readMessage(SHAPES.supersede, { withinMs }).fault).toMatch(/^`withinMs` of supersede can't be/);
  });

  it('keeps what can be right of one with a fault', () => {
    const { fields } = readMessage(SHAPES.approve, { by: 'ann', gate: 7, plan: 'sha256:1' });
    expect(fields).toEqual({ by: 'ann', plan: 'sha256:1' });
  });
});
