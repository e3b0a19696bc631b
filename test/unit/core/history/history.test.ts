import { describe, expect, it } from 'vitest';
import type { HistoryEntry, SyncHistory } from '../../../../core/history/history.ts';
import {
  HISTORY_LIMIT,
  lastGood,
  parseHistory,
  phaseRecords,
  recorded,
  rollbackTarget,
} from '../../../../core/history/history.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../../core/sync/request.ts';
import type { SyncRequest } from '../../../../core/sync/request.ts';

function entry(number: number, change: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    syncId: `s${String(number)}`,
    number,
    revision: `v${String(number)}`,
    bundle: `sha256:${String(number)}`,
    requestedBy: 'ana',
    startedAt: number * 1_000,
    finishedAt: number * 1_000 + 500,
    outcome: 'Succeeded',
    phases: [],
    request: { createNamespace: false, options: DEFAULT_SYNC_OPTIONS },
    ...change,
  };
}

function historyOf(...entries: readonly HistoryEntry[]): SyncHistory {
  return { version: 1, entries };
}

describe('the phases that have begun', () => {
  const waves = (...times: readonly { readonly startedAt?: number; readonly finishedAt?: number }[]) =>
    times.map((time, wave) => ({ wave, state: 'succeeded' as const, steps: [], ...time }));

  it.each([
    ['have their own times', { startedAt: 1, finishedAt: 9, waves: waves({ startedAt: 2, finishedAt: 8 }) }, [1, 9]],
    ['may run', { startedAt: 1, waves: waves({ startedAt: 2, finishedAt: 8 }) }, [1, undefined]],
    [
      'have those of what was done where the rest was skipped',
      { waves: waves({ startedAt: 2, finishedAt: 8 }, { startedAt: 8, finishedAt: 9 }, {}) },
      [2, 9],
    ],
  ])('%s', (_, phase, [startedAt, finishedAt]) => {
    const [record] = phaseRecords([{ phase: 'PreSync', state: 'succeeded', ...phase }]);
    expect([record?.startedAt, record?.finishedAt]).toEqual([startedAt, finishedAt]);
  });

  it('are not those that were skipped whole', () => {
    expect(phaseRecords([{ phase: 'PreSync', state: 'skipped', waves: waves({}) }])).toEqual([]);
  });
});

describe('the history of an application', () => {
  it('keeps the newest first, however they come', () => {
    const history = [entry(2), entry(3), entry(1)].reduce<SyncHistory | undefined>(recorded, undefined);
    expect(history?.entries.map(({ number }) => number)).toEqual([3, 2, 1]);
  });

  it('has each sync once, as it was told last', () => {
    const history = recorded(recorded(undefined, entry(1, { outcome: 'Failed' })), entry(1));
    expect(history.entries).toEqual([entry(1)]);
  });

  it('keeps so many and no more', () => {
    const all = Array.from({ length: HISTORY_LIMIT + 3 }, (_, index) => entry(index + 1));
    const history = all.reduce<SyncHistory | undefined>(recorded, undefined);
    expect(history?.entries).toHaveLength(HISTORY_LIMIT);
    expect(history?.entries.at(-1)?.number).toBe(4);
  });

  it('lets the oldest go where they are too large for a ConfigMap, and always has the latest', () => {
    const large = (number: number) => entry(number, { failure: 'x'.repeat(400_000) });
    expect(recorded(recorded(undefined, large(1)), large(2)).entries.map(({ number }) => number)).toEqual([2]);
    expect(recorded(undefined, entry(1, { failure: 'x'.repeat(700_000) })).entries).toHaveLength(1);
  });

  it('is not read where a later version wrote it', () => {
    expect(() => parseHistory('{"version":2,"entries":[]}')).toThrow('its version is 2, this is 1');
    expect(parseHistory(undefined)).toBeUndefined();
  });
});

describe('what a rollback goes back to', () => {
  const failed = entry(4, { outcome: 'Failed' });
  const partial = entry(3, {
    request: { createNamespace: false, options: { ...DEFAULT_SYNC_OPTIONS, selection: { hooks: 'skip' } } },
  });

  it('is the newest whole success before the latest, with other manifests', () => {
    expect(rollbackTarget(historyOf(failed, partial, entry(2), entry(1)))).toMatchObject({ entry: { number: 2 } });
    const same = entry(3, { bundle: 'sha256:4' });
    expect(rollbackTarget(historyOf(entry(4), same, entry(1)))).toMatchObject({ entry: { number: 1 } });
  });

  it('is what is named by number or ID, also where it failed', () => {
    expect(rollbackTarget(historyOf(entry(5), failed), '4')).toMatchObject({ entry: { number: 4 } });
    expect(rollbackTarget(historyOf(entry(5), failed), 's4')).toMatchObject({ entry: { number: 4 } });
  });

  it('is nothing where there is none', () => {
    expect(rollbackTarget(historyOf(entry(1)))).toEqual({
      kind: 'none',
      why: 'no earlier sync of other manifests has succeeded',
    });
    expect(rollbackTarget(historyOf(entry(2), entry(1)), '7')).toMatchObject({
      why: 'no sync 7 is in its history; there are 2, 1',
    });
  });

  it('is for a failed sync the newest whole success with other manifests', () => {
    const request = { syncId: 's4', bundle: 'sha256:4' } as SyncRequest;
    expect(lastGood(historyOf(failed, partial, entry(2)), request)?.number).toBe(2);
    expect(lastGood(historyOf(failed, entry(2, { bundle: 'sha256:4' })), request)).toBeUndefined();
  });
});
