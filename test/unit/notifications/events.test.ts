import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../core/notifications/events.ts';
import { kindsHeard, listensTo } from '../../../core/notifications/listening.ts';
import { helpfulCommands } from '../../../core/notifications/notification.ts';
import { initialStatus } from '../../../core/sync/initial-status.ts';
import type { SyncRequest } from '../../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../core/sync/request.ts';
import type { SyncState, SyncStatus } from '../../../core/sync/status.ts';
import { sampleOf } from '../../../notifications/wording.ts';

const REQUEST: SyncRequest = {
  version: 1,
  ...{ syncId: 's1', application: 'shop', cluster: 'prod', namespace: 'shop', createNamespace: false },
  ...{ bundle: 'sha256:b', revision: 'abc1234', requestedBy: 'ann', requestedAt: 1, indexed: false },
  options: DEFAULT_SYNC_OPTIONS,
};

function status(state: SyncState, more: Partial<SyncStatus> = {}): SyncStatus {
  return { ...initialStatus(REQUEST, 1_000), number: 7, state, ...more };
}

const waiting = (since: number): Partial<SyncStatus> => {
  const approval = { gate: 'PreSync/0', state: 'waiting', since, deadlineMs: 60_000, reasons: ['prune'] } as const;
  const wave = { wave: 0, state: 'waiting', steps: [], approval } as const;
  return { phases: [{ phase: 'PreSync', state: 'running', waves: [wave] }] };
};

describe('what is told of a sync', () => {
  it.each([
    ['that it has begun, once it has its number', status('running', {}), 'started'],
    ['that it succeeded', status('succeeded'), 'succeeded'],
    ['that it failed', status('failed'), 'failed'],
    ['that it waits for a decision', status('holding', { hold: { since: 1, deadlineMs: 5 } }), 'held'],
    ['that it was aborted', status('aborted'), 'aborted'],
    ['that it gave way', status('superseded'), 'superseded'],
  ] as const)('%s', (_, after, kind) => {
    const { number: _unclaimed, ...planned } = status('running');
    const before = kind === 'started' ? planned : status('running');
    expect(eventsOf(before, after, 9)).toEqual([
      expect.objectContaining({ kind, at: 9, number: 7, requestedBy: 'ann' }),
    ]);
    expect(eventsOf(after, after, 9)).toEqual([]);
  });

  it('that a gate waits, once', () => {
    const reached = status('running', waiting(5));
    expect(eventsOf(status('running'), reached, 9)).toEqual([
      expect.objectContaining({
        kind: 'approval',
        waitsMs: 60_000,
        gate: { phase: 'PreSync', wave: 0, reasons: ['prune'] },
      }),
    ]);
    expect(eventsOf(reached, { ...reached, warnings: ['w'] }, 9)).toEqual([]);
  });

  it('with its first failures, and the hooks that failed before the SyncFail hooks were run', () => {
    const hook = (name: string) => ({
      ...{ kind: 'hook', id: name, state: 'failed', deadlineMs: 1, guarantee: 'exactly-once', evidence: 'sha256:e' },
      ref: { apiVersion: 'batch/v1', kind: 'Job', name },
    });
    const wave = (name: string) => [{ wave: 0, state: 'failed', steps: [hook(name)] }];
    const phases = [
      { phase: 'PreSync', state: 'failed', waves: wave('migrate') },
      { phase: 'SyncFail', state: 'failed', waves: wave('alert') },
    ] as SyncStatus['phases'];
    const failures = Array.from({ length: 9 }, () => ({ type: 'HookFailed', message: 'm' }) as const);
    const [event] = eventsOf(status('running'), status('failed', { phases, failures }), 9);
    expect(event?.failures).toHaveLength(5);
    expect(event?.failedHooks).toEqual([
      { ref: expect.objectContaining({ name: 'migrate' }) as object, evidence: 'sha256:e' },
    ]);
  });

  it('with the commands that help there', () => {
    const words = (kind: 'failed' | 'held' | 'approval') =>
      helpfulCommands({ ...sampleOf(kind), cluster: 'prod' }).map(({ command }) => command);
    expect(words('failed')[0]).toBe('syncline logs trial migrate --cluster prod');
    expect(words('held')[0]).toBe('syncline retry trial --cluster prod');
    expect(words('approval')).toContain('syncline approve trial --cluster prod');
  });
});

describe('who is told', () => {
  const team = { on: ['failed', 'held'], applications: ['pay-*', 'shop'], clusters: ['prod-*'] } as const;

  it.each([
    ['failed', 'shop', 'prod-1', true],
    ['succeeded', 'shop', 'prod-1', false],
    ['failed', 'shop-2', 'prod-1', false],
    ['failed', 'pay-in', 'prod-1', true],
    ['failed', 'pay-in', 'test', false],
  ] as const)('of %s of %s in %s: %s', (kind, application, cluster, isTold) => {
    expect(listensTo(team, { kind, application, cluster })).toBe(isTold);
  });

  it('is asked once for all targets of an application', () => {
    const audit = { on: ['started', 'failed'], applications: [], clusters: [] } as const;
    expect(kindsHeard([team, audit], { application: 'shop', cluster: 'prod-1' })).toEqual([
      'failed',
      'held',
      'started',
    ]);
    expect(kindsHeard([team], { application: 'blog', cluster: 'prod-1' })).toEqual([]);
  });
});
