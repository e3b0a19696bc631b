import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../core/objects.ts';
import { annotationsOf, uidOf } from '../../core/objects.ts';
import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { dying, momentsOf } from '../support/disturbances.ts';
import { deletionLab } from '../support/deletion-lab.ts';

interface Traits {
  readonly wave?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly kind?: string;
}

function manifest(name: string, { wave = 0, annotations = {}, kind = 'ConfigMap' }: Traits = {}): string {
  const all = { 'argocd.argoproj.io/sync-wave': String(wave), ...annotations };
  return `\napiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name}, annotations: ${JSON.stringify(all)} }\n---`;
}

function hook(name: string, type: string, wave = 0): string {
  const annotations = { 'argocd.argoproj.io/hook': type, 'argocd.argoproj.io/sync-wave': String(wave) };
  return `\napiVersion: batch/v1\nkind: Job\nmetadata: { name: ${name}, annotations: ${JSON.stringify(annotations)} }\nspec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: i }] } } }\n---`;
}

const syncOptions = (text: string) => ({ annotations: { 'argocd.argoproj.io/sync-options': text } });
const APP =
  manifest('first') + manifest('second', { wave: 1 }) + hook('backup', 'PreDelete') + hook('bye', 'PostDelete');

function outlineOf(plan: CompactPlan): readonly string[] {
  return plan.phases.flatMap(({ phase, waves }) =>
    waves.map(({ wave, segments }) => {
      const titles = segments.flatMap((segment) =>
        segment.kind === 'hooks' ? segment.hooks.map(({ ref }) => ref.name) : segment.titles,
      );
      return `${phase} ${String(wave)}: ${titles.join(', ')}`;
    }),
  );
}

const leaving = (object: KubernetesObject | undefined, finalizers: readonly string[]): KubernetesObject => ({
  ...object,
  metadata: { ...(object?.['metadata'] as KubernetesObject), finalizers },
});

describe('deleting an application', () => {
  it('runs the PreDelete hooks of its last sync, deletes in reverse waves, then runs PostDelete hooks [argo 2.8.delete-hooks] [argo 1.PreDelete] [argo 5.52]', async () => {
    const lab = await deletionLab(APP);
    expect(lab.cluster.objects('Job')).toEqual([]);
    const begun = await lab.begin();
    expect(outlineOf(begun.plan)).toEqual([
      'PreDelete 0: backup',
      'Delete 1: ConfigMap/second',
      'Delete 0: ConfigMap/first',
      'PostDelete 0: bye',
    ]);
    expect(await lab.phases(begun)).toEqual([]);
    expect(lab.cluster.starts.map(({ name }) => name)).toEqual(['backup', 'bye']);
    expect(lab.cluster.deletions.map(({ name }) => name)).toEqual(['second', 'first']);
    expect(await lab.finish(begun)).toEqual({ kind: 'done', repaired: 0, warnings: [] });
    expect(lab.cluster.objects('ConfigMap')).toEqual([]);
    expect([...lab.store.named.keys()].filter((name) => name.startsWith('application/'))).toEqual([]);
  });

  it('deletes the kinds of a wave against the order in which they are applied', async () => {
    const lab = await deletionLab(
      manifest('c') + manifest('s', { kind: 'Secret' }) + manifest('sa', { kind: 'ServiceAccount' }),
    );
    await lab.delete();
    expect(lab.cluster.deletions.map(({ name }) => name).slice(0, 3)).toEqual(['c', 's', 'sa']);
  });

  it('keeps the bundle of the last sync in the store until the application is gone', async () => {
    const lab = await deletionLab(APP);
    const record = await lab.record();
    const kept = [...lab.store.named].filter(([name]) => name.startsWith('application/sandbox/shop/'));
    expect(kept.flatMap(([, digests]) => digests)).toEqual([record?.bundle]);
  });

  it('does not begin while a PreDelete hook fails; the record and the objects stay [argo 2.8.delete-hooks]', async () => {
    const lab = await deletionLab(APP);
    lab.cluster.behaviour = { kind: 'fail', afterMs: 0 };
    const begun = await lab.begin();
    expect(await lab.phases(begun)).toMatchObject([{ type: 'HookFailed' }]);
    expect(await lab.finish(begun, 'Failed')).toMatchObject({ kind: 'done' });
    expect(lab.cluster.find('ConfigMap', 'first')).toBeDefined();
    expect(await lab.record()).toMatchObject({ holder: null });
  });

  it('goes on after a failure: what is gone is gone, and hooks that have succeeded are not run again', async () => {
    const lab = await deletionLab(APP);
    lab.cluster.adopt(leaving(lab.cluster.find('ConfigMap', 'first'), ['example.com/drain']));
    const first = await lab.begin();
    expect(await lab.phases(first)).toMatchObject([
      { type: 'WaveTimedOut', message: expect.stringContaining('example.com/drain') as string },
    ]);
    await lab.finish(first, 'Failed');
    lab.cluster.remove('ConfigMap', 'first');
    const again = await lab.begin();
    expect(outlineOf(again.plan)).toEqual(['PreDelete 0: backup', 'PostDelete 0: bye']);
    expect(await lab.phases(again)).toEqual([]);
    expect(await lab.finish(again)).toMatchObject({ kind: 'done' });
    expect(lab.cluster.starts.map(({ name }) => name)).toEqual(['backup', 'bye']);
  });

  it('runs its hooks again when a sync has come in between', async () => {
    const lab = await deletionLab(APP);
    const first = await lab.begin();
    lab.cluster.adopt(leaving(lab.cluster.find('ConfigMap', 'first'), ['example.com/drain']));
    await lab.phases(first);
    await lab.finish(first, 'Failed');
    lab.cluster.remove('ConfigMap', 'first');
    await lab.app.sync(APP, { options: { validate: false } });
    await lab.delete();
    expect(lab.cluster.starts.map(({ name }) => name)).toEqual(['backup', 'backup', 'bye']);
  });

  it('refuses an application that is not there, and one that was deleted before', async () => {
    const lab = await deletionLab(APP);
    await lab.delete();
    expect(await lab.plan()).toMatchObject([
      { type: 'InvalidRequest', message: expect.stringContaining('there is no application shop') as string },
    ]);
  });

  it('says what helps when its last manifests are lost, and needs them neither with manifests nor without hooks', async () => {
    const lab = await deletionLab(APP);
    await lab.loseBundle();
    await expect(lab.plan()).rejects.toMatchObject({
      type: 'BundleNotFound',
      failures: [{ remedy: expect.stringContaining('--skip-hooks') as string }],
    });
    expect(outlineOf((await lab.plan({ yaml: hook('other', 'PreDelete') })) as CompactPlan)[0]).toBe(
      'PreDelete 0: other',
    );
    expect(outlineOf((await lab.plan({ skipHooks: true })) as CompactPlan)).toEqual([
      'Delete 1: ConfigMap/second',
      'Delete 0: ConfigMap/first',
    ]);
  });

  it('takes what is not its own for nobody’s business', async () => {
    const lab = await deletionLab(manifest('ours') + manifest('adopted') + manifest('replaced'));
    const adopted = lab.cluster.find('ConfigMap', 'adopted');
    lab.cluster.adopt({
      ...adopted,
      metadata: { ...(adopted?.['metadata'] as KubernetesObject), annotations: { 'syncline.dev/owner': 'shop/other' } },
    });
    lab.cluster.remove('ConfigMap', 'replaced');
    lab.cluster.plant({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'replaced', namespace: 'shop' } });
    await lab.delete();
    expect(lab.cluster.objects('ConfigMap').map((object) => (object['metadata'] as { name: string }).name)).toEqual([
      'adopted',
      'replaced',
    ]);
  });
});

describe('what stays when an application is deleted', () => {
  it.each([
    ['Delete=false [argo 3.Delete=false]', syncOptions('Delete=false')],
    ['syncline.dev/keep', { annotations: { 'syncline.dev/keep': 'true' } }],
    ['helm.sh/resource-policy: keep [argo 1.resource-policy]', { annotations: { 'helm.sh/resource-policy': 'keep' } }],
  ])('by %s is let go of: it loses the marks of its owner, and the plan says so', async (_, traits) => {
    const lab = await deletionLab(manifest('kept', traits) + manifest('goes'));
    const begun = await lab.begin();
    expect(begun.plan.skipped).toBe(1);
    expect(begun.plan.warnings.join()).toContain("Kept, and not the application's any more: ConfigMap shop/kept");
    await lab.phases(begun);
    await lab.finish(begun);
    expect(lab.cluster.objects('ConfigMap')).toHaveLength(1);
    expect(Object.keys(annotationsOf(lab.cluster.find('ConfigMap', 'kept')!))).not.toContain('syncline.dev/owner');
    expect(await lab.record()).toBeUndefined();
  });

  it('by --orphan is everything; no hook runs, and another application may take it', async () => {
    const lab = await deletionLab(APP);
    const begun = await lab.begin({ orphan: true });
    expect(begun.plan.phases).toEqual([]);
    await lab.finish(begun);
    expect([lab.cluster.deletions.map(({ name }) => name), lab.cluster.starts]).toEqual([
      ['syncline.shop.inventory', 'syncline.shop'],
      [],
    ]);
    expect(lab.cluster.objects('ConfigMap').map((object) => annotationsOf(object)['syncline.dev/owner'])).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('because the cluster does not allow to let go of it fails the deletion, which gives the record back', async () => {
    const forbidden = new ApiError('User "u" cannot patch resource', {
      code: 403,
      reason: 'Forbidden',
      causes: [],
      retryAfterSeconds: undefined,
    });
    const lab = await deletionLab(manifest('kept', syncOptions('Delete=false')), {
      patch: () => Promise.reject(forbidden),
    });
    expect(await lab.delete()).toMatchObject({ kind: 'failed', failures: [{ type: 'Forbidden' }] });
    expect(await lab.record()).toMatchObject({ holder: null });
  });

  it('Delete=confirm makes a gate before its wave, for the object or the application [argo 3.Delete=confirm]', async () => {
    const lab = await deletionLab(manifest('precious', syncOptions('Delete=confirm')) + manifest('goes'));
    const gatesOf = async (options = {}) => {
      const { plan } = await lab.begin(options);
      return plan.phases.flatMap(({ waves }) => waves.map(({ approval }) => approval?.reasons));
    };
    expect(await gatesOf()).toEqual([['Delete=confirm on ConfigMap/precious']]);
    expect(await gatesOf({ options: { syncOptions: { Delete: 'confirm' } } })).toEqual([
      ['Delete=confirm on ConfigMap/precious, ConfigMap/goes'],
    ]);
  });
});

describe('the namespace that holds the record', () => {
  const OWN = `\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---`;

  it('goes last, after the record, where the application owns it', async () => {
    const lab = await deletionLab(OWN + manifest('c'));
    const begun = await lab.begin();
    expect(outlineOf(begun.plan)).toEqual(['Delete 0: ConfigMap/c']);
    expect(begun.plan.warnings.join()).toContain('Namespace shop is the application');
    await lab.phases(begun);
    expect(await lab.finish(begun)).toMatchObject({ kind: 'done', warnings: [] });
    expect(lab.cluster.deletions.map(({ name }) => name)).toEqual([
      'c',
      'syncline.shop.inventory',
      'syncline.shop',
      'shop',
    ]);
  });

  it('stays where it is not the application’s', async () => {
    const lab = await deletionLab(manifest('c'));
    await lab.delete();
    expect(lab.cluster.find('Namespace', 'shop')).toBeDefined();
  });
});

describe('the end of a deletion', () => {
  it('can be repeated after a crash at any moment, and ends with nothing left', async () => {
    const yaml = `\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---${manifest('kept', syncOptions('Delete=false'))}${manifest('c')}`;
    const begunLab = async () => {
      const lab = await deletionLab(yaml);
      const begun = await lab.begin();
      await lab.phases(begun);
      return { lab, begun };
    };
    const undisturbed = await begunLab();
    const moments = await momentsOf((through) => undisturbed.lab.finish(undisturbed.begun, 'Succeeded', through));
    expect(moments.length).toBeGreaterThan(10);
    for (const moment of moments) {
      const { lab, begun } = await begunLab();
      await lab.finish(begun, 'Succeeded', dying(moment)).catch(() => undefined);
      const told = `died ${moment.side} call ${String(moment.call)}`;
      expect(await lab.finish(begun), told).toMatchObject({ kind: 'done' });
      const left = lab.cluster.objects().map((object) => object['kind']);
      expect(left, told).toEqual(['ConfigMap']);
      expect(annotationsOf(lab.cluster.find('ConfigMap', 'kept')!)['syncline.dev/owner'], told).toBeUndefined();
    }
  });

  it('deletes what a late write has made again', async () => {
    const lab = await deletionLab(manifest('c'));
    const late = lab.cluster.find('ConfigMap', 'c')!;
    const begun = await lab.begin();
    await lab.phases(begun);
    lab.cluster.plant(late);
    const planted = uidOf(lab.cluster.find('ConfigMap', 'c')!);
    expect(planted).not.toBe(uidOf(late));
    await expect(lab.finish(begun)).rejects.toMatchObject({ type: 'ClusterUnavailable' });
    expect(await lab.finish(begun)).toMatchObject({ kind: 'done' });
    expect(lab.cluster.objects('ConfigMap')).toEqual([]);
  });

  it('leaves nothing by which an activity of the old sync could write, beside a new sync neither', async () => {
    const lab = await deletionLab(APP);
    const old = await lab.app.begin(APP, { options: { validate: false } });
    const deletion = await lab.begin();
    await lab.phases(deletion);
    await lab.finish(deletion);
    expect(await lab.phases({ plan: old.plan, scope: old.scope })).toMatchObject([{ message: 'fenced' }]);
    expect(lab.cluster.objects('ConfigMap')).toEqual([]);
    const fresh = await lab.app.begin(manifest('fresh'), { options: { validate: false } });
    expect(fresh.scope.epoch).toBe(1);
    expect(await lab.phases({ plan: old.plan, scope: old.scope })).toMatchObject([{ message: 'fenced' }]);
    expect(lab.cluster.find('ConfigMap', 'first')).toBeUndefined();
  });

  it('is not claimed again by a late attempt of its own claim', async () => {
    const lab = await deletionLab(APP);
    const begun = await lab.begin();
    await lab.phases(begun);
    await lab.finish(begun);
    expect(await lab.claim(begun)).toMatchObject({ kind: 'failed', failures: [{ type: 'Superseded' }] });
    expect(await lab.record()).toBeUndefined();
  });
});
