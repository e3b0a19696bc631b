import { expect, test } from 'vitest';
import { annotationFaults, parseDuration } from '../../sandbox/simulation/annotations.ts';

test.each([
  ['2s', 2000],
  ['200ms', 200],
  ['1m30s', 90_000],
  ['1.5s', 1500],
  ['0', 0],
  ['2', undefined],
  ['soon', undefined],
  ['', undefined],
])('duration %s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test('faults name the annotation and what is wrong', () => {
  expect(
    annotationFaults({
      'sandbox.syncline.dev/succeed-after': 'soon',
      'sandbox.syncline.dev/fail-times': 'two',
      'sandbox.syncline.dev/hang': 'yes',
      'sandbox.syncline.dev/explode': 'true',
      'sandbox.syncline.dev/log': 'anything',
      other: 'x',
    }).map((fault) => fault.split(';')[0]),
  ).toEqual([
    'sandbox.syncline.dev/succeed-after: "soon" is not a duration such as 2s or 200ms',
    'sandbox.syncline.dev/fail-times: "two" is not a whole number',
    'sandbox.syncline.dev/hang: "yes" is neither "true" nor "false"',
    'sandbox.syncline.dev/explode: no such annotation',
  ]);
});
