import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../core/objects.ts';
import { uidOf } from '../../../core/objects.ts';
import type { HookAnswer } from '../../../workflows/activities.ts';
import type { HookLab } from '../../support/hook-lab.ts';
import { hookLab, migration } from '../../support/hook-lab.ts';

function settledOf(answer: HookAnswer): Extract<HookAnswer, { kind: 'settled' }> {
  if (answer.kind !== 'settled') throw new Error(JSON.stringify(answer));
  return answer;
}

/** A lab whose first attempt ran into its deadline under a worker that died before it could stop the Job. */
async function leftRunning(manifest: KubernetesObject): Promise<HookLab> {
  const lab = await hookLab({ manifest, deadlineMs: 10_000, deletePolicies: [] });
  lab.cluster.behaviour = { kind: 'run' };
  await lab.claim();
  const before = (call: string) => {
    if (call === 'cluster.delete') throw new Error('the worker died');
  };
  await expect(lab.run({ through: { before } })).rejects.toThrow('the worker died');
  expect(settledOf(await lab.run()).verdict.failure?.type).toBe('HookTimedOut');
  expect(lab.cluster.objects('Job')).toHaveLength(1);
  lab.cluster.behaviour = { kind: 'succeed', afterMs: 1_000 };
  return lab;
}

/** Runs the second attempt; answers it with what there was when its Job was created. */
async function runAgain(lab: HookLab) {
  const beside: KubernetesObject[] = [];
  const before = (call: string) => {
    if (call === 'cluster.create') beside.push(...lab.cluster.objects('Job'), ...lab.cluster.objects('Pod'));
  };
  return { second: await lab.run({ ask: 2, through: { before } }), beside };
}

const GENERATED: KubernetesObject = { ...migration(), metadata: { generateName: 'db-migrate-', namespace: 'shop' } };

describe('a further attempt', () => {
  it.each([
    ['of a name', migration()],
    ['of a generated name', GENERATED],
  ])('%s stops what a dead worker left running, and begins once that is gone', async (_, manifest) => {
    const lab = await leftRunning(manifest);
    const { second, beside } = await runAgain(lab);
    expect(second).toMatchObject({ kind: 'settled', attempt: 2, verdict: { outcome: 'succeeded' } });
    expect(beside).toEqual([]);
    expect(lab.cluster.deletions).toMatchObject([{ propagation: 'Foreground' }]);
    expect(lab.cluster.objects('Job').map(uidOf)).toEqual([settledOf(second).uid]);
  });

  it('leaves the object alone that somebody else has put under the name meanwhile', async () => {
    const lab = await leftRunning(migration());
    lab.cluster.remove('Job', 'db-migrate');
    lab.cluster.behaviour = { kind: 'run' };
    const foreign = uidOf(lab.cluster.plant(migration()));
    expect(await lab.run({ ask: 2 })).toMatchObject({ kind: 'failed', failures: [{ type: 'HookConflict' }] });
    expect(lab.cluster.objects('Job').map(uidOf)).toEqual([foreign]);
  });

  it('leaves an earlier one that has failed for people to see, where no policy says otherwise', async () => {
    const lab = await hookLab({ manifest: GENERATED, deletePolicies: [] });
    lab.cluster.behaviour = { kind: 'fail', afterMs: 0 };
    await lab.claim();
    await lab.run();
    await lab.run({ ask: 2 });
    expect(lab.cluster.objects('Job')).toHaveLength(2);
  });

  it('on an object that is kept has evidence of its own', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'shop' },
    };
    const lab = await hookLab({ manifest: claim, runsToCompletion: false, deletePolicies: ['HookFailed'] });
    await lab.claim();
    const becoming = (phase: string) =>
      lab.cluster.at(lab.cluster.now() + 5_000, () =>
        lab.cluster.setStatus(uidOf(lab.cluster.find('PersistentVolumeClaim', 'data')!), { phase }),
      );
    becoming('Lost');
    const first = settledOf(await lab.run());
    expect(first.verdict.failure?.type).toBe('HookFailed');
    lab.cluster.setStatus(first.uid, { phase: 'Pending' });
    becoming('Bound');
    const second = settledOf(await lab.run({ ask: 2 }));
    expect(second).toMatchObject({ uid: first.uid, attempt: 2, verdict: { outcome: 'succeeded' } });
    await lab.store.collect(0, new AbortController().signal);
    for (const { attempt, verdict } of [first, second]) {
      expect(lab.store.json(verdict.evidence!)).toMatchObject({ attempt });
    }
  });
});
