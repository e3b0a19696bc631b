import { expect, it } from 'vitest';
import { deadlineMs } from '../../../core/deadlines.ts';
import { aManifest } from '../annotations/builders.ts';

const MINUTE = 60_000;

it.each<['apply' | 'hook', number | undefined, object | undefined, number, string]>([
  ['hook', undefined, undefined, 24 * 60 * MINUTE, 'a day for a hook that says nothing'],
  ['apply', undefined, undefined, 5 * MINUTE, 'five minutes for a resource that says nothing'],
  ['hook', undefined, { activeDeadlineSeconds: 600 }, 11 * MINUTE, 'activeDeadlineSeconds and a minute'],
  ['apply', undefined, { activeDeadlineSeconds: 600 }, 11 * MINUTE, 'the same for a Job that is a resource'],
  ['hook', 1500, { activeDeadlineSeconds: 600 }, 1500, 'the timeout before everything else'],
  ['hook', undefined, { activeDeadlineSeconds: '600' }, 24 * 60 * MINUTE, 'nothing from a value that is no number'],
  ['hook', undefined, { activeDeadlineSeconds: 0 }, 24 * 60 * MINUTE, 'nothing from a value that Kubernetes refuses'],
])('%s with timeout %s and spec %j takes %i ms: %s', (action, timeoutMs, spec, expected) => {
  const { object } = aManifest(spec === undefined ? {} : { spec: spec as Record<string, number> });
  expect(deadlineMs(object, action, timeoutMs)).toBe(expected);
});
