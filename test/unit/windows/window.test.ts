import { describe, expect, it } from 'vitest';
import { openingAt, parseWindow, windowsOf } from '../../../core/windows/window.ts';

const OFFICE = 'deny 0 9 * * 1-5 8h Europe/Berlin';
const NIGHT = 'allow 0 22 * * * 2h';

function judged(texts: readonly string[], at: string): string {
  const opening = openingAt(windowsOf(texts), Date.parse(at));
  if (opening.kind === 'open') return 'open';
  const opens = opening.opensAt === undefined ? 'never' : new Date(opening.opensAt).toISOString();
  return `${opening.window.text} until ${opens}`;
}

describe('a moment is', () => {
  it.each([
    ['open without windows', [], '2026-11-25T10:00:00Z', 'open'],
    ['closed in a deny window', [OFFICE], '2026-11-25T10:00:00Z', `${OFFICE} until 2026-11-25T16:00:00.000Z`],
    ['closed in its first moment', [OFFICE], '2026-11-25T08:00:00Z', `${OFFICE} until 2026-11-25T16:00:00.000Z`],
    ['open a moment before', [OFFICE], '2026-11-25T07:59:59.999Z', 'open'],
    ['open in the moment it ends', [OFFICE], '2026-11-25T16:00:00Z', 'open'],
    ['open on a day that is not of it', [OFFICE], '2026-11-28T10:00:00Z', 'open'],
    ['closed outside the one allow window', [NIGHT], '2026-11-25T10:00:00Z', `${NIGHT} until 2026-11-25T22:00:00.000Z`],
    ['open in an allow window', [NIGHT], '2026-11-25T23:59:59Z', 'open'],
    ['open in any of several allow windows', [NIGHT, 'allow 0 6 * * * 1h'], '2026-11-25T06:30:00Z', 'open'],
    [
      'closed where deny and allow meet, until neither holds back',
      [NIGHT, 'deny 30 21 * * * 1h'],
      '2026-11-25T22:10:00Z',
      'deny 30 21 * * * 1h until 2026-11-25T22:30:00.000Z',
    ],
    [
      'closed through deny windows that touch',
      ['deny 0 9 * * * 1h', 'deny 0 10 * * * 1h'],
      '2026-11-25T09:30:00Z',
      'deny 0 9 * * * 1h until 2026-11-25T11:00:00.000Z',
    ],
    [
      'closed for ever where a deny window never ends',
      ['deny 0 0 * * * 24h'],
      '2026-11-25T09:30:00Z',
      'deny 0 0 * * * 24h until never',
    ],
    [
      'closed in a window that began days ago',
      ['deny 0 0 24 * * 72h'],
      '2026-11-26T09:30:00Z',
      'deny 0 0 24 * * 72h until 2026-11-27T00:00:00.000Z',
    ],
  ] as const)('%s', (_, texts, at, expected) => {
    expect(judged(texts, at)).toBe(expected);
  });
});

describe('over a change of the clocks a window', () => {
  it.each([
    ['follows the local time in summer', OFFICE, '2026-07-01T07:00:00Z', '2026-07-01T15:00:00.000Z'],
    ['and in winter', OFFICE, '2026-12-01T08:00:00Z', '2026-12-01T16:00:00.000Z'],
    [
      'lasts as long as it says where an hour is left out',
      'deny 0 1 * * * 4h Europe/Berlin',
      '2026-03-29T03:59:00Z',
      '2026-03-29T04:00:00.000Z',
    ],
    [
      'lasts as long as it says where an hour comes twice',
      'deny 0 1 * * * 4h Europe/Berlin',
      '2026-10-25T02:59:00Z',
      '2026-10-25T03:00:00.000Z',
    ],
    [
      'begins where the clock goes on, if its time is left out',
      'deny 30 2 * * * 1h Europe/Berlin',
      '2026-03-29T01:00:00Z',
      '2026-03-29T02:00:00.000Z',
    ],
    [
      'begins once, if its time comes twice',
      'deny 30 2 * * * 1h Europe/Berlin',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:30:00.000Z',
    ],
  ])('%s', (_, text, at, opens) => {
    expect(judged([text], at)).toBe(`${text} until ${opens}`);
  });
});

describe('a text', () => {
  it.each([
    'deny',
    'forbid 0 9 * * 1-5 8h',
    'deny 0 9 * * 8h',
    'deny 0 9 * * 1-5 soon',
    'deny 0 25 * * * 1h',
    'deny 0 9 * * * 1h Mars/Olympus',
    'deny 0 9 * * * 1h UTC and more',
    'deny 0 9 30 2 * 1h',
  ])('is no window: %s', (text) => {
    expect(parseWindow(text)).toEqual({ problem: expect.stringMatching(/^(is no window|never opens)/) as string });
  });
});
