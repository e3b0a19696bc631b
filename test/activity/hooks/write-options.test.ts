import { describe, expect, it } from 'vitest';
import { objectAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { labelsOf, uidOf } from '../../../core/objects.ts';
import type { LabHook } from '../../support/hook-lab.ts';
import { hookLab, migration } from '../../support/hook-lab.ts';

const options = (value: string) => ({ annotations: { 'argocd.argoproj.io/sync-options': value } });

/** A ConfigMap as a hook that outlives its sync. */
function kept(value: string): LabHook {
  const metadata = { name: 'settings', namespace: 'shop', ...options(value) };
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '2' } };
  return { manifest, runsToCompletion: false, settlesAtOnce: true, deletePolicies: ['HookSucceeded'] };
}

const planted = (labels: KubernetesObject = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop', labels },
  data: { a: '1', b: '1' },
});

describe('a hook with Replace=true', () => {
  it('and BeforeHookCreation is created where its earlier copy goes before it is deleted [argo 5.17]', async () => {
    const lab = await hookLab({
      manifest: migration({}, options('Replace=true')),
      deletePolicies: ['BeforeHookCreation'],
    });
    const old = uidOf(lab.cluster.plant(migration()));
    await lab.claim();
    const before = (call: string) => {
      if (call === 'cluster.delete') lab.cluster.remove('Job', 'db-migrate');
    };
    const answer = await lab.run({ through: { before } });
    expect(answer).toMatchObject({ kind: 'settled', verdict: { outcome: 'succeeded' } });
    expect(answer.kind === 'settled' && answer.uid).not.toBe(old);
  });

  it('that is kept takes the place of the live object', async () => {
    const lab = await hookLab(kept('Replace=true'));
    const old = uidOf(lab.cluster.plant(planted({ theirs: 'label' })));
    await lab.claim();
    expect(await lab.run()).toMatchObject({ kind: 'settled', uid: old });
    const live = lab.cluster.find('ConfigMap', 'settings') ?? {};
    expect(objectAt(live, 'data')).toEqual({ a: '2' });
    expect(labelsOf(live)).not.toHaveProperty('theirs');
  });

  it('and Force=true that is kept is made anew, once', async () => {
    const lab = await hookLab(kept('Replace=true,Force=true'));
    const old = uidOf(lab.cluster.plant(planted()));
    await lab.claim();
    const first = await lab.run();
    expect(first.kind === 'settled' && first.uid).not.toBe(old);
    expect(await lab.run()).toEqual(first);
    expect(lab.cluster.objects('ConfigMap').filter((object) => uidOf(object) === old)).toEqual([]);
  });
});
