import { expect, it } from 'vitest';
import { standingOf } from '../../../client/reports/object-sync.ts';
import type { ResourceRow } from '../../../client/reports/resource-rows.ts';

const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name });
const row = (name: string, action: ResourceRow['action'] = 'apply'): ResourceRow => ({
  ...ref(name),
  phase: 'Sync',
  wave: 0,
  action,
  state: 'succeeded',
});
const rows = [row('a'), row('b'), row('c'), row('gone', 'prune')];

it('says of each object whether it still stands as the latest sync left it', () => {
  const report = { state: 'out-of-sync', differing: [ref('b')], missing: [ref('c')], extra: [ref('x')] } as const;
  const { resources, others, syncUnknown } = standingOf(rows, report);
  expect(resources.map(({ name, sync }) => [name, sync])).toEqual([
    ['a', 'Synced'],
    ['b', 'OutOfSync'],
    ['c', 'Missing'],
    ['gone', undefined],
  ]);
  expect([others, syncUnknown]).toEqual([[{ ...ref('x'), sync: 'Extra' }], undefined]);
});

it('says nothing of an object where the comparison could not be made', () => {
  const standing = standingOf(rows, { state: 'unknown', reason: 'a sync is running' });
  expect(standing).toEqual({ resources: rows, others: [], syncUnknown: 'a sync is running' });
});
