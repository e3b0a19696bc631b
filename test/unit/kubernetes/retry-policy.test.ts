import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailedTry } from '../../../kubernetes/retry-policy.ts';
import { RETRY_BUDGET_MS, retryDelayMs } from '../../../kubernetes/retry-policy.ts';

const answered = (code: number, retryAfterSeconds?: number): FailedTry => ({
  kind: 'answered',
  code,
  retryAfterSeconds,
});
const lost = (sent: boolean): FailedTry => ({ kind: 'lost', sent });
const delay = (failed: FailedTry, idempotent: boolean, tries = 1, elapsedMs = 0): number | undefined =>
  retryDelayMs(failed, { idempotent, failed: tries, elapsedMs }, () => 1);

describe('a request is sent again', () => {
  it.each<[string, FailedTry, boolean, number, number | undefined]>([
    ['after 429 at the time it names', answered(429, 2), false, 1, 2_100],
    ['after 429 without a time', answered(429), false, 1, 100],
    ['after 503 when idempotent', answered(503), true, 2, 200],
    ['after 500 for the third and last time', answered(500), true, 3, 400],
    ['when it never left', lost(false), false, 1, 100],
    ['when the answer was lost and it is idempotent', lost(true), true, 1, 100],
  ])('%s', (_what, failed, idempotent, tries, expected) => {
    expect(delay(failed, idempotent, tries)).toBe(expected);
  });
});

describe('a request is not sent again', () => {
  it.each<[string, FailedTry, boolean, number]>([
    ['after 500 when it may have been done', answered(500), false, 1],
    ['after 503 when it may have been done', answered(503, 1), false, 1],
    ['when its answer was lost and it may have been done', lost(true), false, 1],
    ['a second time after a lost answer', lost(true), true, 2],
    ['after four blind tries', answered(500), true, 4],
    ['when it is to wait past the budget', answered(429, 11), true, 1],
    ['after 409', answered(409), true, 1],
    ['after 404', answered(404), true, 1],
    ['after 422', answered(422), true, 1],
  ])('%s', (_what, failed, idempotent, tries) => {
    expect(delay(failed, idempotent, tries)).toBeUndefined();
  });

  it('once the budget is spent, whatever happened', () => {
    const failures = fc.oneof(
      fc.boolean().map(lost),
      fc
        .tuple(fc.integer({ min: 400, max: 599 }), fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }))
        .map(([code, after]) => answered(code, after)),
    );
    fc.assert(
      fc.property(
        failures,
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(20_000),
        (failed, idempotent, tries, elapsed) => {
          const waits = delay(failed, idempotent, tries, elapsed);
          expect((waits ?? 0) + (waits === undefined ? 0 : elapsed)).toBeLessThanOrEqual(RETRY_BUDGET_MS);
        },
      ),
    );
  });
});
