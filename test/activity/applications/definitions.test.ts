import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { consult } from '../../../activities/applications/consult.ts';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { refuseLateRollback } from '../../../activities/plan/rollback-turn.ts';
import { keepInHistory } from '../../../activities/history/sync-history.ts';
import { fileStore } from '../../../bundles/file-store.ts';
import type { Consultation } from '../../../core/application/consultation.ts';
import type { HistoryEntry } from '../../../core/history/history.ts';
import { HISTORY_LIMIT } from '../../../core/history/history.ts';
import type { SyncRequest } from '../../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../core/sync/request.ts';
import { intercepted } from '../../fakes/interception.ts';
import { modelCluster } from '../../fakes/model-cluster.ts';
import { createPathFinder } from '../../../threads/jq/path-finder.ts';
import { activityRuntime } from '../../support/runtime.ts';

const signal = new AbortController().signal;
const SHOP = { version: 1, application: 'shop', namespace: 'shop', source: { location: './deploy' } };

const folder = await mkdtemp(join(tmpdir(), 'syncline-applications-'));
afterAll(() => rm(folder, { recursive: true }));

function lab() {
  const cluster = modelCluster();
  const bundles = fileStore(join(folder, randomUUID())).ownedBy('lab');
  const deps: ActivityDependencies = {
    cluster: async () => cluster,
    bundles,
    paths: createPathFinder(),
    temporal: { id: 'lab', name: 'lab' },
  };
  const ask = async (asked: Consultation): Promise<unknown> => {
    const answer = await consult(asked, activityRuntime(), deps);
    if (answer.kind === 'failed') throw new Error(JSON.stringify(answer.failures));
    if (answer.kind === 'missing') throw new Error(answer.failure.message);
    return JSON.parse(new TextDecoder().decode(await bundles.get(answer.digest, signal))) as unknown;
  };
  const define = async (definition: object) => {
    const digest = await bundles.put(new TextEncoder().encode(JSON.stringify(definition)), signal);
    return ask({ kind: 'define', cluster: 'prod', definition: digest });
  };
  return { cluster, bundles, deps, ask, define };
}

function entry(number: number, bundle: string): HistoryEntry {
  return {
    ...{ syncId: `s${String(number)}`, number, revision: 'v1', bundle, requestedBy: 'ana' },
    ...{ startedAt: 1, finishedAt: 2, outcome: 'Succeeded', phases: [] },
    request: { createNamespace: false, options: DEFAULT_SYNC_OPTIONS },
  };
}

describe('the applications that a cluster keeps', () => {
  it('are kept in one namespace, which is made, and found by name', async () => {
    const { ask, define, cluster } = lab();
    await define(SHOP);
    await define({ ...SHOP, application: 'billing' });
    expect(cluster.find('ConfigMap', 'syncline.shop.application')).toBeDefined();
    expect(await ask({ kind: 'application', cluster: 'prod', application: 'shop' })).toEqual(SHOP);
    const all = (await ask({ kind: 'applications', cluster: 'prod' })) as readonly { application: string }[];
    expect(all.map(({ application }) => application)).toEqual(['billing', 'shop']);
  });

  it('take what was defined last', async () => {
    const { ask, define } = lab();
    await define(SHOP);
    await define({ ...SHOP, namespace: 'web' });
    expect(await ask({ kind: 'application', cluster: 'prod', application: 'shop' })).toMatchObject({
      namespace: 'web',
    });
  });

  it('are forgotten once, and once more without harm', async () => {
    const { ask, define } = lab();
    await define(SHOP);
    await ask({ kind: 'undefine', cluster: 'prod', application: 'shop' });
    await ask({ kind: 'undefine', cluster: 'prod', application: 'shop' });
    await expect(ask({ kind: 'application', cluster: 'prod', application: 'shop' })).rejects.toThrow(
      'no application shop is defined',
    );
  });

  it('are refused with the ConfigMap and the field where somebody has written what can not be read', async () => {
    const { ask, define, cluster } = lab();
    await define(SHOP);
    const name = 'syncline.shop.application';
    const stored = cluster.find('ConfigMap', name);
    await cluster.replace({ ...stored, data: { application: JSON.stringify({ ...SHOP, replicas: 3 }) } }, {}, signal);
    await expect(ask({ kind: 'application', cluster: 'prod', application: 'shop' })).rejects.toThrow(
      `ConfigMap syncline/${name}: application.replicas: there is no such field`,
    );
  });
});

describe('the history of an application', () => {
  const owner = { application: 'shop', namespace: 'shop', cluster: 'prod', temporal: 'lab' };

  it('keeps the bundles of what it has, and lets go of the others', async () => {
    const { cluster, bundles } = lab();
    const digests: string[] = [];
    for (let number = 1; number <= HISTORY_LIMIT + 1; number += 1) {
      const digest = await bundles.put(new TextEncoder().encode(`bundle ${String(number)}`), signal);
      digests.push(digest);
      await keepInHistory(cluster, bundles, owner, entry(number, digest), signal);
    }
    expect(await bundles.reference('history/prod/shop/s1', signal)).toBeUndefined();
    expect(await bundles.reference('history/prod/shop/s2', signal)).toMatchObject({ digests: [digests[1]] });
    expect(await bundles.references('history/prod/shop/', signal)).toHaveLength(HISTORY_LIMIT);
  });

  it('is written once however often a sync is told to it', async () => {
    const { cluster, bundles, ask } = lab();
    let writes = 0;
    const counting = intercepted(cluster, 'cluster', {
      before: (call) => {
        if (call.startsWith('cluster.create') || call.startsWith('cluster.replace')) writes += 1;
        return Promise.resolve();
      },
    });
    const digest = await bundles.put(new TextEncoder().encode('bundle'), signal);
    await keepInHistory(counting, bundles, owner, entry(1, digest), signal);
    await keepInHistory(counting, bundles, owner, entry(1, digest), signal);
    expect(writes).toBe(1);
    expect(await ask({ kind: 'history', cluster: 'prod', application: 'shop' })).toMatchObject({
      namespace: 'shop',
      entries: [{ number: 1 }],
    });
  });

  it('must be named by its namespace where a cluster has two', async () => {
    const { cluster, bundles, ask } = lab();
    const digest = await bundles.put(new TextEncoder().encode('bundle'), signal);
    await keepInHistory(cluster, bundles, owner, entry(1, digest), signal);
    await keepInHistory(cluster, bundles, { ...owner, namespace: 'web' }, entry(2, digest), signal);
    await expect(ask({ kind: 'history', cluster: 'prod', application: 'shop' })).rejects.toThrow(
      'has a history in each of the namespaces shop, web',
    );
    expect(await ask({ kind: 'history', cluster: 'prod', application: 'shop', namespace: 'web' })).toMatchObject({
      entries: [{ number: 2 }],
    });
  });
});

describe('a rollback that follows a failed sync by itself', () => {
  const owner = { application: 'shop', namespace: 'shop', cluster: 'prod', temporal: 'lab' };
  const back = {
    ...owner,
    syncId: 'rback',
    rollback: { syncId: 's1', number: 1, after: 's2' },
  } as unknown as SyncRequest;

  it.each<[string, readonly number[], string | undefined]>([
    ['the failed sync is the latest', [1, 2], undefined],
    ['another has run since', [1, 2, 3], 'the rollback of shop came too late: sync 3 has run since'],
  ])('where %s', async (_, numbers, refusal) => {
    const { cluster, bundles } = lab();
    for (const number of numbers) {
      const digest = await bundles.put(new TextEncoder().encode(`bundle ${String(number)}`), signal);
      await keepInHistory(cluster, bundles, owner, entry(number, digest), signal);
    }
    const refused = refuseLateRollback(cluster, back, signal);
    if (refusal === undefined) await expect(refused).resolves.toBeUndefined();
    else await expect(refused).rejects.toThrow(refusal);
  });
});
