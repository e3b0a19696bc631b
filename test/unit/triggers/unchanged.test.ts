import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../../core/history/history.ts';
import type { SyncRequest } from '../../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../core/sync/request.ts';
import type { Standing } from '../../../core/triggers/unchanged.ts';
import { newestBundle, unchangedBy } from '../../../core/triggers/unchanged.ts';

const REQUEST: Pick<SyncRequest, 'options'> = { options: { ...DEFAULT_SYNC_OPTIONS, prune: true } };
const IDLE: Standing = { hasLine: false };
const latest = (change: Partial<HistoryEntry> = {}): HistoryEntry => ({
  ...{ syncId: 's7', number: 7, revision: 'v1', bundle: 'sha256:a', requestedBy: 'ana', phases: [] },
  ...{ startedAt: 1, finishedAt: 2, outcome: 'Succeeded' },
  // The same options in another order are the same.
  request: {
    createNamespace: false,
    options: Object.fromEntries(Object.entries(REQUEST.options).reverse()) as unknown as SyncRequest['options'],
  },
  ...change,
});
const asked = (options: object): HistoryEntry =>
  latest({ request: { createNamespace: false, options: { ...REQUEST.options, ...options } } });

test.each<[string, Standing, HistoryEntry | undefined, string | undefined]>([
  ['the latest sync has succeeded with the same', IDLE, latest(), 'sync 7 has brought these very manifests about'],
  ['nothing was synced yet', IDLE, undefined, undefined],
  ['the latest sync had other manifests', IDLE, latest({ bundle: 'sha256:b' }), undefined],
  ['the latest sync has failed', IDLE, latest({ outcome: 'Failed' }), undefined],
  ['the latest sync had other options', IDLE, asked({ prune: false }), undefined],
  ['the latest sync was of a part', IDLE, asked({ selection: { hooks: 'skip' } }), undefined],
  ['somebody waits, whose manifests may be others', { hasLine: true }, latest(), undefined],
  [
    'the sync that runs has the same',
    { hasLine: false, running: { syncId: 's8', bundle: 'sha256:a', isPartial: false } },
    latest({ bundle: 'sha256:b' }),
    'sync s8 is bringing these very manifests about',
  ],
  [
    'the sync that runs has others, although the latest had the same',
    { hasLine: false, running: { syncId: 's8', bundle: 'sha256:b', isPartial: false } },
    latest(),
    undefined,
  ],
  [
    'the sync that runs is of a part',
    { hasLine: false, running: { syncId: 's8', bundle: 'sha256:a', isPartial: true } },
    latest(),
    undefined,
  ],
  [
    'the sync that runs does not tell its manifests',
    { hasLine: false, running: { syncId: 's8', isPartial: false } },
    latest(),
    undefined,
  ],
])('a push whose manifests may be those that are there: %s', (_, standing, entry, expected) =>
  expect(unchangedBy(REQUEST, newestBundle(standing, entry) === 'sha256:a', standing, entry)).toBe(expected),
);
