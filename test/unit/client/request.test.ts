import { ApplicationFailure, CancelledFailure, TerminatedFailure, WorkflowFailedError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { resultIn, resultWithout } from '../../../client/ending.ts';
import { newSyncId, requestOf } from '../../../client/request.ts';
import { checkApplication } from '../../../client/validation.ts';
import { aView } from '../cli/sync-views.ts';

const ORDER = { application: 'shop', cluster: 'prod', namespace: 'shop', requestedBy: 'ci' };

test('a request has defaults, and a revision from the digest', () => {
  const request = requestOf({ ...ORDER, options: { prune: true } }, 's1', 'sha256:3f9a1c2ffff', 7);
  expect(request).toMatchObject({ revision: '3f9a1c2', requestedAt: 7, indexed: true, createNamespace: false });
  expect(request.options).toMatchObject({ prune: true, dryRun: false, validate: true, wait: true });
});

test('sync IDs are s and twelve letters or digits, and differ', () => {
  const ids = Array.from({ length: 50 }, newSyncId);
  for (const id of ids) expect(id).toMatch(/^s[a-z0-9]{12}$/);
  expect(new Set(ids).size).toBe(50);
});

test.each(['', 'A', '-a', 'a-', 'a_b', 'a.b', 'a/b', 'ä', 'a'.repeat(51), ' a', 'a\n'])(
  '%j names no application',
  (name) => {
    expect(() => checkApplication(name)).toThrow('no name for an application');
  },
);

test.each(['a', 'a-b', '0', 'a'.repeat(50)])('%j names an application', (name) =>
  expect(() => checkApplication(name)).not.toThrow(),
);

const result = { ...aView([]).status, outcome: 'Failed', finishedAt: 1, counts: {} };
const failedBy = (cause: Error): WorkflowFailedError =>
  new WorkflowFailedError('failed', cause, 'NON_RETRYABLE_FAILURE');

test('the result of a failed or cancelled sync stands in its error', () => {
  expect(resultIn(failedBy(ApplicationFailure.nonRetryable('x', 'SyncFailed', result)))).toEqual(result);
  expect(resultIn(failedBy(new CancelledFailure('x', [result])))).toEqual(result);
  expect(resultIn(failedBy(ApplicationFailure.nonRetryable('x', 'Other', 'text')))).toBeUndefined();
});

test('a terminated sync reads as aborted, with who ended it', () => {
  const closed = { closeTime: new Date(5) } as never;
  const made = resultWithout(aView([]).status, failedBy(new TerminatedFailure('enough')), closed);
  expect(made).toMatchObject({ outcome: 'Aborted', state: 'aborted', finishedAt: 5 });
  expect(made.failures[0]?.message).toBe('the sync was terminated in Temporal: enough');
});
