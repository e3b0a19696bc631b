import { readFile } from 'node:fs/promises';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
} from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { defaultDataConverter } from '@temporalio/common';
import { endingOf, resultIn } from '../../../client/following/ending.ts';
import { recordedIn, statusOfRecorded } from '../../../client/following/recorded-sync.ts';
import { newSyncId, requestOf } from '../../../client/starting/request.ts';
import { checkApplication } from '../../../client/starting/validation.ts';
import { historyFromText } from '../../support/histories.ts';
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

describe('a sync that was closed by force', () => {
  const planned = { application: 'shop', plan: 'sha256:plan' };

  test('says who has terminated it and why, and that a retry goes on', () => {
    const told = { identity: 'ann@laptop', reason: 'enough' };
    const { outcome, failure } = endingOf(planned, failedBy(new TerminatedFailure('enough')), told);
    expect(outcome).toBe('Aborted');
    expect(failure.message).toBe('the sync was terminated in Temporal by ann@laptop: enough');
    expect(failure.remedy).toBe(
      'go on with `syncline retry shop`, or clean up what it has left with `syncline sweep shop`',
    );
  });

  test('says no more than Temporal was told, and offers no retry of what has no plan', () => {
    const told = { identity: '', reason: '' };
    const { failure } = endingOf({ application: 'shop' }, failedBy(new TerminatedFailure('')), told);
    expect(failure.message).toBe('the sync was terminated in Temporal');
    expect(failure.remedy).toContain('sync again');
  });

  test('by Temporal’s limit has failed', () => {
    const ended = endingOf(planned, failedBy(new TimeoutFailure('', undefined, 'START_TO_CLOSE')), undefined);
    expect(ended).toMatchObject({ outcome: 'Failed', failure: { type: 'SyncTimedOut' } });
  });

  test('has in its history what its plan was, and how each phase ended', async () => {
    const text = await readFile(new URL('../../replay/histories/aborted.json', import.meta.url), 'utf8');
    const events = historyFromText(text).events!;
    const begunAt = events.findIndex((event) => event.childWorkflowExecutionStartedEventAttributes);
    const recorded = await recordedIn(events.slice(0, begunAt + 1), defaultDataConverter);
    expect(statusOfRecorded(recorded!)).toMatchObject({
      application: 'replay-aborted',
      state: 'running',
      number: 7,
      phases: [{ phase: 'Sync', state: 'running', waves: [{ state: 'pending' }] }],
    });
    const whole = statusOfRecorded((await recordedIn(events, defaultDataConverter))!);
    expect(whole.phases).toMatchObject([{ phase: 'Sync', state: 'aborted', waves: [{ state: 'aborted' }] }]);
  });
});
