import { describe, expect, it } from 'vitest';
import { applySegment } from '../../activities/apply/apply-segment.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { awaitHealthy } from '../../activities/health/await-healthy.ts';
import type { ApplicationSyncOptions } from '../../core/annotations/sync-options.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import type { SyncOptions } from '../../core/sync/request.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import type { ModelCluster } from '../fakes/model-cluster.ts';
import { modelCluster } from '../fakes/model-cluster.ts';
import type { LabApplication } from '../support/activity-lab.ts';
import { labApplication } from '../support/activity-lab.ts';
import { hookLab } from '../support/hook-lab.ts';
import { activityRuntime } from '../support/runtime.ts';
import { createPathFinder } from '../../threads/jq/path-finder.ts';

interface PruneLab {
  readonly cluster: ModelCluster;
  readonly deps: ActivityDependencies;
  readonly app: LabApplication;
}

const options = (more: Partial<SyncOptions> = {}): Partial<SyncOptions> => ({ validate: false, prune: true, ...more });
const application = (syncOptions: ApplicationSyncOptions): Partial<SyncOptions> => options({ syncOptions });

/** ConfigMaps by name, each with its sync options. */
function configMaps(maps: Readonly<Record<string, string>>): string {
  const documents = Object.entries(maps).map(
    ([name, text]) =>
      `\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}${text === '' ? '' : `, annotations: { argocd.argoproj.io/sync-options: '${text}' }`} }\n`,
  );
  return documents.join('---');
}

/** An application of these ConfigMaps and one that stays, synced. */
async function synced(maps: Readonly<Record<string, string>>, change: Partial<Cluster> = {}): Promise<PruneLab> {
  const cluster = modelCluster();
  cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const changed: Cluster = { ...cluster, ...change };
  const deps = {
    cluster: async () => changed,
    bundles: memoryStore(),
    paths: createPathFinder(),
    temporal: { id: 't', name: 't' },
  };
  const app = labApplication(deps, 'shop', 'shop');
  await app.sync(configMaps({ ...maps, stays: '' }), { options: options() });
  return { cluster, deps, app };
}

const FIRST = { phase: 'Sync', wave: 0, segment: 0 } as const;
const STAYS = configMaps({ stays: '' });
const gateOf = (plan: CompactPlan) => plan.phases.flatMap(({ waves }) => waves).find(({ approval }) => approval);
const prunedIn = (plan: CompactPlan) =>
  plan.phases.flatMap(({ waves }) =>
    waves.flatMap(({ wave, segments }) =>
      segments.flatMap((segment) => (segment.kind === 'prune' ? [`${String(wave)} ${segment.titles.join()}`] : [])),
    ),
  );

describe('what an application says of pruning', () => {
  it('Prune=false of the application keeps everything that does not ask to be pruned [argo 5.15] [argo 3.Prune=false]', async () => {
    const { app } = await synced({ a: '', b: 'Prune=true' });
    const plan = await app.plan(STAYS, { options: application({ Prune: 'false' }) });
    expect(prunedIn(plan)).toEqual(['0 ConfigMap/b']);
    expect(plan.warnings.join()).toContain('ConfigMap shop/a (sync option Prune=false)');
  });

  it('Prune=false of the object keeps it, and the sync succeeds [argo 5.15]', async () => {
    const { app, cluster } = await synced({ a: 'Prune=false' });
    expect((await app.sync(STAYS, { options: options() })).finish).toMatchObject({ kind: 'done' });
    expect(cluster.find('ConfigMap', 'a')).toBeDefined();
  });

  it('PruneLast of the application or the object puts them into one last wave [argo 3.PruneLast] [argo 5.36]', async () => {
    const { app } = await synced({ a: '', b: 'PruneLast=false' });
    const plan = await app.plan(STAYS, { options: application({ PruneLast: 'true' }) });
    expect(prunedIn(plan)).toEqual(['0 ConfigMap/b', '1 ConfigMap/a']);
  });

  it('Prune=confirm makes a gate before the whole wave, its applies too [argo 5.16] [argo 2.4.confirm]', async () => {
    const { app } = await synced({ a: 'Prune=confirm', b: '', c: 'Prune=false' });
    const plan = await app.plan(configMaps({ stays: '', fresh: '' }), { options: options() });
    expect(gateOf(plan)).toMatchObject({
      approval: { reasons: ['Prune=confirm on ConfigMap/a'] },
      segments: [{ kind: 'prune', count: 2 }, { kind: 'apply' }],
    });
  });

  it('Prune=confirm of the application asks for all that say nothing else [argo 3.Prune=confirm]', async () => {
    const { app } = await synced({ a: '', b: '', c: 'Prune=true' });
    const plan = await app.plan(STAYS, { options: application({ Prune: 'confirm' }) });
    expect(gateOf(plan)?.approval).toEqual({ reasons: ['Prune=confirm on ConfigMap/a, ConfigMap/b'] });
  });

  it('without --prune there is no gate', async () => {
    const { app } = await synced({ a: 'Prune=confirm' });
    expect(gateOf(await app.plan(STAYS, { options: options({ prune: false }) }))).toBeUndefined();
  });

  it.each([
    ['foreground', 'Foreground'],
    ['background', 'Background'],
    ['orphan', 'Orphan'],
  ] as const)('PrunePropagationPolicy=%s is how it is pruned [argo 3.PrunePropagationPolicy]', async (policy, sent) => {
    const { app, cluster } = await synced({ a: '' });
    await app.sync(STAYS, { options: application({ PrunePropagationPolicy: policy }) });
    expect(cluster.deletions).toEqual([{ name: 'a', propagation: sent, dryRun: false }]);
  });
});

describe('PrunePropagationPolicy=orphan and hooks [argo 3.PrunePropagationPolicy]', () => {
  const actor = { syncOptions: { PrunePropagationPolicy: 'orphan' } } as const;

  it('leaves the pods of a hook that is over and deleted by its policy', async () => {
    const lab = await hookLab({ deletePolicies: ['HookSucceeded'] });
    await lab.claim(actor);
    await lab.run(actor);
    await lab.settle(actor);
    expect(lab.cluster.deletions).toMatchObject([{ name: 'db-migrate', propagation: 'Orphan' }]);
    expect(lab.cluster.objects('Pod')).toHaveLength(1);
  });

  it('differs for a hook that is stopped or replaced: its pods must end, so it goes in the foreground', async () => {
    const lab = await hookLab();
    await lab.claim(actor);
    await lab.run(actor);
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim({ ...actor, syncId: 's2', run: 'run-2' });
    await lab.start({ ...actor, syncId: 's2', run: 'run-2' });
    await lab.stop({ ...actor, syncId: 's2', run: 'run-2' });
    expect(lab.cluster.deletions).toMatchObject([
      { name: 'db-migrate', propagation: 'Foreground' },
      { name: 'db-migrate', propagation: 'Foreground' },
    ]);
  });
});

describe('what is pruned', () => {
  const leaving = (object: KubernetesObject | undefined): KubernetesObject => ({
    ...object,
    metadata: {
      ...(object?.['metadata'] as KubernetesObject),
      finalizers: ['example.com/drain', 'example.com/unmount'],
      deletionTimestamp: '2026-01-01T00:00:00Z',
    },
  });

  it('and is on its way out already is not deleted again, but awaited [argo 5.39] [argo 2.4.prunes]', async () => {
    const { app, cluster, deps } = await synced({ a: 'Prune=confirm' });
    cluster.adopt(leaving(cluster.find('ConfigMap', 'a')));
    const { plan, scope } = await app.begin(STAYS, { options: options({ maxPrune: 0 }) });
    expect([prunedIn(plan), gateOf(plan)]).toEqual([['0 ConfigMap/a'], undefined]);
    const runtime = activityRuntime({ run: scope.rootRun, now: () => cluster.now() });
    expect(await applySegment({ scope, ...FIRST }, runtime, deps)).toMatchObject({ kind: 'done' });
    cluster.at(cluster.now() + 30_000, () => cluster.remove('ConfigMap', 'a'));
    const wave = { scope, phase: 'Sync', wave: 0, deadlineMs: 60_000 } as const;
    expect(await awaitHealthy(wave, runtime, deps)).toEqual({ kind: 'healthy' });
    expect(cluster.deletions).toEqual([]);
  });

  it('does not go in its time: the failure names the finalizers [argo 5.39]', async () => {
    const { app, cluster, deps } = await synced({ a: '' });
    cluster.adopt(leaving(cluster.find('ConfigMap', 'a')));
    const { plan, scope } = await app.begin(STAYS, { options: options() });
    const runtime = activityRuntime({ run: scope.rootRun, now: () => cluster.now() });
    const { deadlineMs } = plan.phases[0]!.waves[0]!;
    const answer = await awaitHealthy({ scope, phase: 'Sync', wave: 0, deadlineMs }, runtime, deps);
    expect(answer).toMatchObject({
      kind: 'failed',
      failures: [
        {
          type: 'WaveTimedOut',
          message: expect.stringContaining('waiting for finalizers example.com/drain, example.com/unmount') as string,
          remedy: expect.stringContaining('finalizers') as string,
        },
      ],
    });
  });

  it('and can not be deleted fails the segment before the applies of its wave [argo 5.8] [argo 2.4.prune-failure]', async () => {
    const forbidden = new ApiError('configmaps "a" is forbidden: User "u" cannot delete resource', {
      code: 403,
      reason: 'Forbidden',
      causes: [],
      retryAfterSeconds: undefined,
    });
    const { app, deps } = await synced({ a: '' }, { delete: () => Promise.reject(forbidden) });
    const { scope, runtime } = await app.begin(configMaps({ stays: '', fresh: '' }), { options: options() });
    expect(await applySegment({ scope, ...FIRST }, runtime, deps)).toMatchObject({
      kind: 'failed',
      failures: [{ type: 'Forbidden', object: 'ConfigMap shop/a' }],
    });
  });
});
