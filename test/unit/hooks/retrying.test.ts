import { describe, expect, it } from 'vitest';
import type { FailureType } from '../../../core/failures.ts';
import { DEFAULT_RETRY_PAUSE_MS, mayBeRetried, pauseBefore } from '../../../core/hooks/retrying.ts';

describe('another attempt', () => {
  it.each<[FailureType, boolean]>([
    ['HookFailed', true],
    ['HookTimedOut', true],
    ['HookStuck', true],
    ['HookLost', false],
    ['HookConflict', false],
    ['Forbidden', false],
    ['InvalidManifest', false],
  ])('after %s: %s', (type, expected) => {
    expect(mayBeRetried({ outcome: 'failed', at: 0, message: '', failure: { type, message: '' } })).toBe(expected);
  });

  it.each(['succeeded', 'aborted'] as const)('never follows one that has %s', (outcome) => {
    expect(mayBeRetried({ outcome, at: 0, message: '' })).toBe(false);
  });

  it('waits 5 s, twice as long each time, and at most 3 min', () => {
    expect([1, 2, 3, 5, 6, 7, 100].map((retry) => pauseBefore(retry, DEFAULT_RETRY_PAUSE_MS))).toEqual([
      5_000, 10_000, 20_000, 80_000, 160_000, 180_000, 180_000,
    ]);
  });
});
