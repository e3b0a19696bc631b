import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Collection, CollectionReport } from '../../../activities/collection/collect-garbage.ts';
import { collectGarbage } from '../../../activities/collection/collect-garbage.ts';
import { keepBundles } from '../../../activities/record/application-bundles.ts';
import type { BundleStore } from '../../../bundles/bundle-store.ts';
import { fileStore } from '../../../bundles/file-store.ts';
import { keptEvidence } from '../../../client/reports/evidence.ts';
import type { HookStatus, SyncStatus } from '../../../core/sync/status.ts';
import type { SyncRecord } from '../../../core/record/record.ts';
import type { KnownRun } from '../../../core/retention/judgement.ts';
import { DEFAULT_RETENTION } from '../../../core/retention/retention.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { isTurn } from '../../../worker/collection-loop.ts';
import { scriptedCluster } from '../../support/planned-sync.ts';

const signal = new AbortController().signal;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const folders = await mkdtemp(join(tmpdir(), 'syncline-collection-'));

let now: number;
let root: string;
let ours: BundleStore;
let theirs: BundleStore;

beforeEach(async () => {
  now = 1_800_000_000_000;
  root = await mkdtemp(join(folders, 'store-'));
  ours = fileStore(root, () => now).ownedBy('us');
  theirs = fileStore(root, () => now).ownedBy('them');
});

afterAll(() => rm(folders, { recursive: true }));

/** A cluster whose applications have these records. */
function clusterWith(...records: readonly Partial<SyncRecord>[]): Cluster {
  const stored = records.map((record) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'syncline.shop', namespace: 'shop' },
    data: { record: JSON.stringify({ version: 1, application: 'shop', ...record }) },
  }));
  return scriptedCluster({ list: async () => stored });
}

const anEnded = (syncId: string, overrides: Partial<KnownRun> = {}): KnownRun => ({
  syncId,
  state: 'succeeded',
  startedAt: now - HOUR,
  endedAt: now,
  ...overrides,
});

async function collect(overrides: Partial<Collection> = {}): Promise<CollectionReport> {
  return collectGarbage(
    {
      store: ours,
      owner: 'us',
      clusters: [clusterWith()],
      runsOf: async () => [],
      retention: DEFAULT_RETENTION,
      now: () => now,
      dryRun: false,
      ...overrides,
    },
    signal,
  );
}

async function stored(store: BundleStore, name: string, content = name): Promise<string> {
  const digest = await store.put(Buffer.from(content), signal);
  await store.refer(name, [digest], signal);
  return digest;
}

const names = async () => (await ours.references('', signal)).map(({ name }) => name);

describe('a collection', () => {
  it('removes what a sync that is over had stored, and keeps that of the latest and of one that runs', async () => {
    const old = await stored(ours, 'sync/scripted/shop/s1');
    const running = await stored(ours, 'sync/scripted/shop/s2');
    const latest = await stored(ours, 'sync/scripted/shop/s3');
    const runs = [
      anEnded('s1', { startedAt: now - 3 * HOUR }),
      anEnded('s2', { startedAt: now - 2 * HOUR, state: 'open' }),
      anEnded('s3'),
    ];
    now += 25 * HOUR;

    const report = await collect({ runsOf: async () => runs });

    expect(report).toMatchObject({ bundles: 1, released: [{ reference: { name: 'sync/scripted/shop/s1' } }] });
    expect([await ours.has(old, signal), await ours.has(running, signal), await ours.has(latest, signal)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('says what it would do, and does nothing, in a dry run', async () => {
    await stored(ours, 'dry-run/scripted/shop/s1');
    now += 25 * HOUR;

    const report = await collect({ dryRun: true });

    expect(report).toMatchObject({ bundles: 0, released: [{ why: 'the dry run is over' }] });
    expect(await names()).toEqual(['dry-run/scripted/shop/s1']);
  });

  it('keeps for a day what a client has stored and not begun to use', async () => {
    const digest = await ours.put(Buffer.from('x'), signal);
    now += DAY - 1;
    expect((await collect()).bundles).toBe(0);
    now += 1;
    expect((await collect()).bundles).toBe(1);
    expect(await ours.has(digest, signal)).toBe(false);
  });

  it('releases what a client has referred to and never begun, once nobody can begin it any more', async () => {
    await stored(ours, 'sync/scripted/shop/s1');
    now += 30 * DAY - 1;
    expect((await collect()).released).toEqual([]);
    now += 1;
    expect((await collect()).released).toHaveLength(1);
  });

  it('keeps what the record of an application names, and lets go of what it named before', async () => {
    const [before, present] = [await ours.put(Buffer.from('a'), signal), await ours.put(Buffer.from('b'), signal)];
    const runtime = { signal, now: () => now };
    const application = { cluster: 'scripted', application: 'shop' };
    const record = { version: 1, application: 'shop' } as unknown as SyncRecord;
    await keepBundles(ours, application, { ...record, bundle: before }, runtime);
    await keepBundles(ours, application, { ...record, bundle: before, pendingBundle: present }, runtime);
    // A predecessor's call that comes late takes nothing away.
    await keepBundles(ours, application, { ...record, bundle: before }, runtime);
    now += 100 * DAY;

    await collect({ clusters: [clusterWith({ bundle: present })] });

    expect([await ours.has(before, signal), await ours.has(present, signal)]).toEqual([false, true]);
  });

  it('leaves what another Temporal and what another cluster need, however old it is', async () => {
    const foreign = await stored(theirs, 'sync/scripted/shop/s1');
    const elsewhere = await stored(ours, 'sync/other/shop/s1');
    const unknown = await stored(ours, 'history/scripted/shop/s1');
    now += 1000 * DAY;

    const { released, bundles } = await collect();

    expect({ released, bundles }).toEqual({ released: [], bundles: 0 });
    for (const digest of [foreign, elsewhere, unknown]) expect(await ours.has(digest, signal)).toBe(true);
  });

  it('keeps a bundle that two share for as long as one of them needs it', async () => {
    const digest = await stored(ours, 'dry-run/scripted/shop/s1', 'same');
    await stored(theirs, 'sync/scripted/shop/s1', 'same');
    now += 100 * DAY;

    const report = await collect();

    expect(report).toMatchObject({ bundles: 0, released: [{ reference: { name: 'dry-run/scripted/shop/s1' } }] });
    expect(await ours.has(digest, signal)).toBe(true);
  });

  it('releases nothing of a cluster that does not answer, and says so', async () => {
    await stored(ours, 'sync/scripted/shop/s1');
    now += 100 * DAY;
    const silent = scriptedCluster({ list: () => Promise.reject(new Error('no answer')) });

    expect(await collect({ clusters: [silent] })).toMatchObject({
      released: [],
      warnings: ["Nothing of cluster scripted is released, because its records can't be read: no answer"],
    });
  });

  it('removes nothing while Temporal does not answer', async () => {
    await stored(ours, 'sync/scripted/shop/s1');
    now += 100 * DAY;

    await expect(collect({ runsOf: () => Promise.reject(new Error('no Temporal')) })).rejects.toThrow('no Temporal');

    expect(await names()).toEqual(['sync/scripted/shop/s1']);
  });

  it('does not release what is written again between its judgement and its release', async () => {
    const digest = await stored(ours, 'sync/scripted/shop/s1');
    now += 100 * DAY;
    const resumed = async () => {
      await ours.refer('sync/scripted/shop/s1', [digest], signal);
      return [];
    };

    expect(await collect({ runsOf: resumed })).toMatchObject({ released: [], bundles: 0 });
    expect(await ours.has(digest, signal)).toBe(true);
  });

  it('by two workers at once does what one does', async () => {
    for (let sync = 0; sync < 20; sync += 1) await stored(ours, `dry-run/scripted/shop/s${String(sync)}`);
    const kept = await stored(ours, 'sync/scripted/shop/s99');
    now += 25 * HOUR;

    const reports = await Promise.all([collect(), collect()]);

    expect(reports.flatMap(({ released }) => released)).toHaveLength(20);
    expect(await names()).toEqual(['sync/scripted/shop/s99']);
    expect(await ours.has(kept, signal)).toBe(true);
  });
});

describe('evidence that was collected', () => {
  const status = { cluster: 'scripted', application: 'shop', syncId: 's1' } as SyncStatus;
  const hook = (evidence: string): HookStatus => ({
    kind: 'hook',
    id: 'h',
    ref: { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name: 'migrate' },
    state: 'failed',
    guarantee: 'exactly-once',
    attempt: 1,
    startedAt: 1,
    deadlineMs: 60_000,
    evidence,
  });

  it.each(['which the status names', 'of a hook that was stopped'])('says so, and when: %s', async (which) => {
    const evidence = JSON.stringify({ hook: hook('').ref, attempt: 1 });
    const digest = await stored(ours, 'evidence/scripted/shop/s1/uid.1', evidence);
    const { evidence: _, ...stopped } = hook(digest);
    const shown = which === 'which the status names' ? hook(digest) : stopped;
    expect(await keptEvidence(ours, status, shown, undefined, signal)).toMatchObject({ attempt: 1 });
    now += 31 * DAY;

    await collect({ retention: { keepForMs: 30 * DAY, keepSyncs: 0 } });

    await expect(keptEvidence(ours, status, shown, undefined, signal)).rejects.toMatchObject({
      type: 'EvidenceCollected',
      message: expect.stringContaining(
        `log and events of Job/migrate were collected at ${new Date(now).toISOString()}`,
      ) as string,
    });
  });

  it('is told of for as long as evidence is kept', async () => {
    await stored(ours, 'evidence/scripted/shop/s1/uid.1');
    const retention = { keepForMs: 30 * DAY, keepSyncs: 0 };
    now += 31 * DAY;
    await collect({ retention });
    expect(await names()).toEqual(['collected/scripted/shop/s1']);
    now += 31 * DAY;
    await collect({ retention });
    expect(await names()).toEqual([]);
  });
});

describe('the turn to collect', () => {
  it('is one worker’s at a time', async () => {
    const worker = { store: ours, owner: 'us', now: () => now };
    expect(await isTurn(worker, signal)).toBe(true);
    expect(await isTurn(worker, signal)).toBe(false);
    now += HOUR;
    expect(await isTurn(worker, signal)).toBe(true);
  });

  it('is each Temporal’s own', async () => {
    expect(await isTurn({ store: ours, owner: 'us', now: () => now }, signal)).toBe(true);
    expect(await isTurn({ store: theirs, owner: 'them', now: () => now }, signal)).toBe(true);
  });
});
