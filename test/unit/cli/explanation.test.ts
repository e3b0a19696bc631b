import { describe, expect, it } from 'vitest';
import type { SyncView } from '../../../client/following/view.ts';
import { explain, lastWords } from '../../../cli/explanation.ts';
import { renderExplanation } from '../../../cli/render/explanation.ts';
import { styleOf } from '../../../cli/render/style.ts';
import type { ContainerEvidence, HookEvidence } from '../../../core/evidence/evidence.ts';
import type { SyncResult } from '../../../core/sync/status.ts';
import { aBatch, aHook, aPhase, aView, aWave, at, hookWork } from './sync-views.ts';

const NAMES = { flags: '' };
const text = (view: SyncView): readonly string[] =>
  renderExplanation('shop', explain(view, at(250), NAMES), { now: at(250), width: 100, style: styleOf(false) }).split(
    '\n',
  );

const migrating = (rest: object = {}): SyncView =>
  aView(
    [
      aPhase('PreSync', [
        aWave(0, 'running', [aHook('db-migrate', 'running', { startedAt: at(17) }), aHook('cache', 'pending')]),
      ]),
      aPhase('Sync', [aWave(0, 'pending', [aBatch(['ConfigMap/a', 'Secret/b', 'Service/c'], 'pending')])]),
      aPhase('PostSync', [aWave(0, 'pending', [aHook('smoke', 'pending')])]),
      aPhase('SyncFail', [aWave(0, 'pending', [aHook('notify', 'pending')])]),
    ],
    {},
    [hookWork('db-migrate', rest)],
  );

describe('the explanation of a running sync', () => {
  it('a sync that waits for its window says how much longer, why, and how to begin at once', () => {
    const why = 'syncs of shop are held back until noon';
    const view = aView([], { state: 'planning', window: { opensAt: at(3_630), why } });
    expect(explain(view, at(30), NAMES)).toMatchObject({
      kind: 'outside',
      why: `waits for its window, 1h more: ${why}`,
      commands: [
        { command: expect.stringContaining('--if-running supersede --override-window REASON') as string },
        { command: expect.stringContaining('syncline abort shop') as string },
      ],
    });
  });

  it('names the step, its time against its limit, what it does, and what waits behind it', () => {
    expect(text(migrating())).toEqual([
      'shop waits in PreSync wave 0 for Job/db-migrate: 3m53s of 30m.',
      '  why      pod db-migrate-x7k Running',
      '  behind   3 objects and 2 hooks in 3 waves wait for it',
      '  you can  follow its log  syncline logs shop db-migrate -f',
      '           see its events  syncline events shop db-migrate',
      '           stop the sync   syncline abort shop',
    ]);
  });

  it('puts the problem that Kubernetes reports first, since when, what helps and the last event', () => {
    const problem = { reason: 'Unschedulable', message: '0/3 nodes are available', since: at(10) };
    const lines = text(migrating({ problem, lastEvent: 'Pod/x FailedScheduling: 0/3 nodes' }));
    expect(lines[1]).toBe('  why      Unschedulable: 0/3 nodes are available');
    expect(lines[2]).toMatch(/^ {2}since {4}\d\d:\d\d:\d\d, for 4m$/);
    expect(lines[3]).toMatch(/^ {2}help {5}lower resources\.requests/);
    expect(lines).toContain('  event    Pod/x FailedScheduling: 0/3 nodes');
  });

  it('blames the step with a problem before one that is older', () => {
    const hooks = [aHook('old', 'running', { startedAt: at(1) }), aHook('stuck', 'running', { startedAt: at(9) })];
    const problem = { reason: 'ImagePullBackOff', message: 'no such image' };
    const work = [hookWork('old'), hookWork('stuck', { problem })];
    const explanation = explain(aView([aPhase('PreSync', [aWave(0, 'running', hooks)])], {}, work), at(60), NAMES);
    expect(explanation).toMatchObject({
      kind: 'step',
      title: 'Job/stuck',
      reason: 'ImagePullBackOff',
      beside: ['Job/old'],
    });
  });

  it('says what a sync does that is at no step', () => {
    const view = aView([], { state: 'planning' }, [{ activity: 'planSync', tries: 4, trouble: 'connection refused' }]);
    const why = expect.stringContaining('try 4: connection refused') as string;
    expect(explain(view, at(30), NAMES)).toMatchObject({ kind: 'outside', why });
  });

  it('says that no worker answers', () => {
    expect(text({ ...aView([], { state: 'planning' }), stale: true }).join('\n')).toContain('waiting for a worker');
  });
});

it('a sync that holds names the failure, how long it waits, and what can be decided', () => {
  const failures = [{ type: 'HookFailed' as const, message: 'Job shop/db-migrate failed' }];
  const phases = [aPhase('PreSync', [aWave(0, 'failed', [aHook('db-migrate', 'failed')])])];
  const view = aView(phases, { state: 'holding', hold: { since: at(10), deadlineMs: 3_600_000 }, failures });
  expect(text(view)).toEqual([
    'shop holds after a failure, for a decision: 4m of 1h.',
    '  why      Job shop/db-migrate failed',
    '  you can  try it again      syncline retry shop',
    '           go on without it  syncline skip shop db-migrate --reason …',
    '           end the sync      syncline abort shop',
  ]);
});

describe('the last words of a hook that failed', () => {
  const container = (name: string, exitCode: number, ...lines: readonly string[]): ContainerEvidence => ({
    ...{ pod: 'migrate-x7k', container: name, init: false, state: `exit code ${String(exitCode)}`, exitCode },
    log: { lines, truncated: false },
  });
  const evidence = (...containers: readonly ContainerEvidence[]) => ({ containers }) as HookEvidence;

  it.each<[string, HookEvidence, readonly string[]]>([
    [
      'the last five lines',
      evidence(container('a', 1, '1', '2', '3', '4', '5', 'ERROR')),
      ['2', '3', '4', '5', 'ERROR'],
    ],
    ['of the container that failed', evidence(container('a', 1, 'ERROR'), container('proxy', 0, 'bye')), ['ERROR']],
    ['of any where none that failed has spoken', evidence(container('a', 1), container('proxy', 0, 'bye')), ['bye']],
    ['none where nobody has spoken', evidence(container('a', 1)), []],
  ])('are %s', (_, of, expected) => expect(lastWords(of)).toEqual(expected));

  it('stand under the reason, line by line', () => {
    const explained = {
      kind: 'hold',
      since: at(0),
      limitMs: 60_000,
      failures: [],
      log: ['one', 'two'],
      commands: [],
    } as const;
    const shown = renderExplanation('shop', explained, { now: at(250), width: 100, style: styleOf(false) });
    expect(shown.split('\n').slice(1)).toEqual(['  log      one', '           two']);
  });
});

describe('the explanation of a sync that is over', () => {
  const over = (outcome: SyncResult['outcome'], failures: SyncResult['failures'] = []): SyncView => {
    const view = aView([], { state: outcome === 'Succeeded' ? 'succeeded' : 'failed', failures });
    const counts = { applied: 0, unchanged: 0, pruned: 0, hooks: 0 };
    return { ...view, result: { ...view.status, outcome, finishedAt: at(54), counts } };
  };

  it('waits for nothing, and after a failure says why', () => {
    expect(text(over('Succeeded'))).toEqual(['shop waits for nothing: its last sync succeeded.']);
    const failure = { type: 'HookFailed' as const, message: 'Job shop/db-migrate failed', remedy: 'read its log' };
    expect(text(over('Failed', [failure])).slice(0, 2)).toEqual([
      'shop waits for nothing: its last sync failed.',
      '  why      Job shop/db-migrate failed — read its log',
    ]);
  });
});
