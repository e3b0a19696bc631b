import { expect, test } from 'vitest';
import { selectHook } from '../../../client/reports/hook-selection.ts';
import { unseen } from '../../../cli/unseen-lines.ts';
import { hookRow, resourceRows } from '../../../client/reports/resource-rows.ts';
import type { StoredApply, StoredPlan } from '../../../core/sync/stored-plan.ts';
import { aBatch, aHook, aPhase, at, aView, aWave } from './sync-views.ts';

const apply = (name: string, unchanged: boolean): StoredApply => ({
  id: name,
  phase: 'Sync',
  wave: 0,
  deadlineMs: 1,
  action: 'apply',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'shop',
  name,
  manifest: 0,
  unchanged,
});
const plan: StoredPlan = {
  version: 1,
  bundle: 'b',
  skipped: [],
  warnings: [],
  phases: [
    {
      phase: 'Sync',
      waves: [
        {
          wave: 0,
          segments: [
            {
              kind: 'prune',
              steps: [
                {
                  id: 'p',
                  phase: 'Sync',
                  wave: 0,
                  deadlineMs: 1,
                  action: 'prune',
                  apiVersion: 'v1',
                  kind: 'Secret',
                  namespace: 'shop',
                  name: 'old',
                  uid: 'u',
                },
              ],
            },
            { kind: 'apply', groups: [[apply('a', false), apply('b', true)]] },
          ],
        },
      ],
    },
  ],
};

test('a resource has the state of its batch, and is unchanged where nothing had to be written', () => {
  const steps = [aBatch(['Secret/old'], 'succeeded', { kind: 'prune' }), aBatch(['a', 'b'], 'succeeded')];
  const { status } = aView([aPhase('Sync', [aWave(0, 'succeeded', steps)])]);
  expect(resourceRows(plan, status).map((row) => [row.name, row.action, row.state])).toEqual([
    ['old', 'prune', 'succeeded'],
    ['a', 'apply', 'succeeded'],
    ['b', 'apply', 'unchanged'],
  ]);
});

test('before a wave begins its resources are pending, the unchanged ones too', () => {
  expect(resourceRows(plan, aView([]).status).map((row) => row.state)).toEqual(['pending', 'pending', 'pending']);
});

test.each([
  [true, 'kept, log kept'],
  [false, 'deleted, log kept'],
  [undefined, 'log kept'],
])('a hook whose object exists: %s, reads %s', async (exists, object) => {
  const hook = aHook('m', 'succeeded', { startedAt: at(0), evidence: 'sha256:e' });
  const row = await hookRow({ phase: 'PreSync', wave: 0, hook }, () => Promise.resolve(exists));
  expect(row.object).toBe(object);
});

const status = aView([
  aPhase('PreSync', [aWave(0, 'succeeded', [aHook('migrate', 'succeeded', { id: 'PreSync/m', startedAt: at(1) })])]),
  aPhase('PostSync', [
    aWave(0, 'pending', [aHook('migrate', 'pending', { id: 'PostSync/m' }), aHook('smoke', 'pending')]),
  ]),
]).status;

test.each([
  ['migrate', 'PreSync/m'],
  ['Job/migrate', 'PreSync/m'],
  ['PostSync/migrate', 'PostSync/m'],
  ['PostSync/m', 'PostSync/m'],
  ['smoke', 'hook/smoke'],
])('the name %s means the hook %s', (name, id) => expect(selectHook(status, name).hook.id).toBe(id));

test('an unknown hook is answered with those there are', () => {
  expect(() => selectHook(status, 'nope')).toThrow('name one of: Job/migrate, Job/smoke');
});

test.each([
  [[], ['1 a', '2 b'], ['1 a', '2 b']],
  [['1 a'], ['1 a', '2 b'], ['2 b']],
  [['1 a', '2 b'], ['2 b', '3 c'], ['3 c']],
  [['1 a'], ['7 g', '8 h'], ['7 g', '8 h']],
  [['1 a'], ['1 a'], []],
])('after %j, of %j the new lines are %j', (before, now, fresh) => expect(unseen(before, now)).toEqual(fresh));
