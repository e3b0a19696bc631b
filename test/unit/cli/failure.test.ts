import { expect, test } from 'vitest';
import type { FailureOptions } from '../../../cli/render/failure.ts';
import { renderFailure } from '../../../cli/render/failure.ts';
import { styleOf } from '../../../cli/render/style.ts';
import type { HookEvidence } from '../../../core/evidence/evidence.ts';
import { aBatch, aHook, aPhase, at, aView, aWave } from './sync-views.ts';

const OPTIONS: FailureOptions = { evidence: new Map(), next: [], width: 110, style: styleOf(false) };

const evidence: HookEvidence = {
  version: 1,
  hook: { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name: 'db-migrate' },
  uid: 'u1',
  attempt: 2,
  outcome: 'failed',
  message: 'BackoffLimitExceeded',
  capturedAt: '2026-11-20T12:00:38Z',
  containers: [
    {
      pod: 'db-migrate-x7k',
      container: 'migrate',
      init: false,
      state: 'exit code 1',
      exitCode: 1,
      log: { lines: Array.from({ length: 30 }, (_, line) => `line ${line + 1}`), total: 112, truncated: true },
    },
  ],
  events: [
    {
      at: new Date(at(37)).toISOString(),
      type: 'Normal',
      reason: 'Created',
      object: 'Pod/db-migrate-x7k',
      message: 'created',
      count: 1,
    },
    {
      at: new Date(at(38)).toISOString(),
      type: 'Warning',
      reason: 'BackOff',
      object: 'Pod/db-migrate-x7k',
      message: 'back-off',
      count: 1,
    },
  ],
};

const failed = aView(
  [
    aPhase('PreSync', [
      aWave(0, 'failed', [aHook('db-migrate', 'failed', { startedAt: at(0), finishedAt: at(38), attempt: 2 })]),
    ]),
    aPhase('Sync', [
      aWave(0, 'skipped', [aBatch(['a/a', 'b/b', 'c/c', 'd/d'], 'skipped')]),
      aWave(1, 'skipped', [aBatch(['Deployment/shop'], 'skipped')]),
    ]),
    aPhase('SyncFail', [
      aWave(0, 'succeeded', [aHook('notify', 'succeeded', { startedAt: at(40), finishedAt: at(43) })]),
    ]),
  ],
  {
    state: 'failed',
    finishedAt: at(54),
    failures: [
      {
        type: 'HookFailed',
        message: 'hook Job shop/db-migrate failed',
        remedy: 'read the log',
        object: 'Job shop/db-migrate',
      },
    ],
  },
);

test('a failed hook gives one block that needs no other command', () => {
  const next = [{ purpose: 'all of the log', command: 'syncline logs shop db-migrate' }];
  const lines = renderFailure(failed, { ...OPTIONS, evidence: new Map([['hook/db-migrate', evidence]]), next }).split(
    '\n',
  );
  expect(lines.filter((line) => !/line \d/.test(line))).toEqual([
    '✗ Job/db-migrate failed in PreSync wave 0 · attempt 2 · after 38s of 30m',
    '    HookFailed: hook Job shop/db-migrate failed',
    '    → read the log',
    '    pod db-migrate-x7k, container migrate: exit code 1',
    '    log, last 20 of 112 lines',
    '    events',
    '      12:00:38 Pod/db-migrate-x7k  BackOff  back-off',
    '    not run: Sync wave 0 (4 objects), Sync wave 1 (Deployment/shop)',
    '    SyncFail: Job/notify succeeded (3s)',
    '',
    'shop failed after 54s.',
    '  all of the log  syncline logs shop db-migrate',
  ]);
  expect(lines).toContain('      line 30');
  expect(lines).not.toContain('      line 10');
});

test('a sync that could not be planned says so, with places, and a shared remedy once', () => {
  const failures = ['a.yaml:1', 'b.yaml:7'].map((location) => ({
    type: 'OwnershipConflict' as const,
    message: 'it belongs to another',
    location,
    remedy: 'take it out',
  }));
  const lines = renderFailure(aView([], { state: 'failed', failures, finishedAt: at(1) }), OPTIONS).split('\n');
  expect(lines.slice(0, 4)).toEqual([
    '✗ shop could not be planned; nothing was changed',
    '    a.yaml:1: OwnershipConflict: it belongs to another',
    '    b.yaml:7: OwnershipConflict: it belongs to another',
    '    → take it out',
  ]);
});

test('an abort is told apart from a failure without colour', () => {
  const view = aView(
    [aPhase('PreSync', [aWave(0, 'aborted', [aHook('m', 'aborted', { startedAt: at(0), finishedAt: at(5) })])])],
    { state: 'aborted', finishedAt: at(6) },
  );
  const text = renderFailure(view, OPTIONS);
  expect(text).toContain('⊘ Job/m was stopped in PreSync wave 0 · after 5s of 30m');
  expect(text).toContain('shop was aborted after 6s.');
});
