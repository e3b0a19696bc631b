import { describe, expect, it } from 'vitest';
import { labelsMeet, parseLabelSelector } from '../../../core/selection/label-selector.ts';

const labels = { tier: 'front', 'app.kubernetes.io/name': 'shop', empty: '' };

describe('a label selector', () => {
  it.each([
    ['tier=front', true],
    ['tier==front', true],
    ['tier=back', false],
    ['tier!=back', true],
    ['tier!=front', false],
    ['missing!=x', true],
    ['missing=x', false],
    ['empty=', true],
    ['tier in (front, back)', true],
    ['tier in (back)', false],
    ['tier notin (back,side)', true],
    ['tier notin (front)', false],
    ['missing notin (x)', true],
    ['tier', true],
    ['!tier', false],
    ['!missing', true],
    ['tier=front,app.kubernetes.io/name=shop', true],
    ['tier in (front,back),missing', false],
    [' tier = front , !missing ', true],
    ['toString', false],
  ])('%j meets the labels: %s', (text, expected) => {
    const selector = parseLabelSelector(text);
    expect(selector.kind).toBe('selector');
    expect(selector.kind === 'selector' && labelsMeet(selector.requirements, labels)).toBe(expected);
  });

  it.each([
    ['', 'a requirement is empty'],
    ['tier=front,', 'a requirement is empty'],
    ['tier=a b', '"tier=a b" is no requirement'],
    ['tier in front', '"tier in front" is no requirement'],
    ['tier in (front', '"tier in (front" is no requirement'],
    ['-tier=front', '"-tier" is no label key'],
    ['tier=-front', '"-front" is no label value'],
    ['Example.com/tier=front', '"Example.com/tier" is no label key'],
    [`tier=${'x'.repeat(64)}`, `"${'x'.repeat(64)}" is no label value`],
  ])('%j is refused: %s', (text, problem) => {
    expect(parseLabelSelector(text)).toEqual({ kind: 'malformed', problem });
  });
});
