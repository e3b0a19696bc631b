import { describe, expect, it } from 'vitest';
import { openRecord } from '../../../activities/record/record-store.ts';
import type { SyncRecord } from '../../../core/record/record.ts';
import { ApiError, ConnectionError } from '../../../kubernetes/errors.ts';
import { intercepted } from '../../fakes/interception.ts';
import { modelCluster } from '../../fakes/model-cluster.ts';

const APPLICATION = { application: 'shop', namespace: 'shop' };
const signal = new AbortController().signal;

function aRecord(epoch: number): SyncRecord {
  return {
    version: 1,
    application: 'shop',
    epoch,
    number: 1,
    holder: null,
    lastClaim: { temporal: 't', at: 0 },
    syncId: 's1',
    ledger: {},
  };
}

const raised = (record: SyncRecord | undefined) => aRecord((record?.epoch ?? 0) + 1);

describe('the record of an application', () => {
  it('is made by its first change and read back', async () => {
    const cluster = modelCluster();
    const store = openRecord(cluster, APPLICATION);
    expect(await store.read(signal)).toBeUndefined();
    expect(await store.update(raised, signal)).toEqual(aRecord(1));
    expect(await store.read(signal)).toEqual(aRecord(1));
    expect(cluster.find('ConfigMap', 'syncline.shop')).toMatchObject({
      metadata: { labels: { 'syncline.dev/role': 'record', 'syncline.dev/application': 'shop' } },
    });
  });

  it('is left alone by a change that declines', async () => {
    const cluster = modelCluster();
    const store = openRecord(cluster, APPLICATION);
    expect(await store.update(() => undefined, signal)).toBeUndefined();
    expect(cluster.objects()).toEqual([]);
  });

  it.each(['cluster.create', 'cluster.replace'])(
    'loses no change where another one comes first (%s)',
    async (write) => {
      const cluster = modelCluster();
      if (write === 'cluster.replace') await openRecord(cluster, APPLICATION).update(raised, signal);
      let disturbed = 0;
      const before = async (call: string) => {
        if (call !== write || disturbed > 0) return;
        disturbed += 1;
        await openRecord(cluster, APPLICATION).update(raised, signal);
      };
      const seen: number[] = [];
      const disturbedStore = openRecord(intercepted(cluster, 'cluster', { before }), APPLICATION);
      const written = await disturbedStore.update((record) => {
        seen.push(record?.epoch ?? 0);
        return raised(record);
      }, signal);
      const first = write === 'cluster.create' ? 0 : 1;
      expect(seen).toEqual([first, first + 1]);
      expect(written?.epoch).toBe(first + 2);
    },
  );

  it('is made anew where somebody deletes it before it is written', async () => {
    const cluster = modelCluster();
    await openRecord(cluster, APPLICATION).update(raised, signal);
    const before = (call: string) => {
      if (call === 'cluster.replace') cluster.remove('ConfigMap', 'syncline.shop');
    };
    const store = openRecord(intercepted(cluster, 'cluster', { before }), APPLICATION);
    expect((await store.update(raised, signal))?.epoch).toBe(1);
  });

  it.each<[string, Error]>([
    ['no answer', new ConnectionError('reset')],
    ['a 403', new ApiError('forbidden', { code: 403, reason: '', causes: [], retryAfterSeconds: undefined })],
  ])('throws on %s: whether it was written is told by the next look', async (_, error) => {
    const cluster = modelCluster();
    const after = (call: string) => {
      if (call === 'cluster.create') throw error;
    };
    const store = openRecord(intercepted(cluster, 'cluster', { after }), APPLICATION);
    await expect(store.update(raised, signal)).rejects.toBe(error);
    expect((await store.read(signal))?.epoch).toBe(1);
  });

  it.each([
    ['no record', {}],
    ['no JSON', { record: '{' }],
    ['a record of a later version', { record: JSON.stringify({ ...aRecord(1), version: 2 }) }],
  ])('that holds %s is neither read nor written over', async (_, data) => {
    const cluster = modelCluster();
    cluster.plant({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'syncline.shop', namespace: 'shop' },
      data,
    });
    const store = openRecord(cluster, APPLICATION);
    const refused = { failures: [{ type: 'InvalidRequest', object: 'ConfigMap shop/syncline.shop' }] };
    await expect(store.read(signal)).rejects.toMatchObject(refused);
    await expect(store.update(raised, signal)).rejects.toMatchObject(refused);
    expect(cluster.find('ConfigMap', 'syncline.shop')).toMatchObject({ data });
  });

  it('is not fought over for ever by an attempt that is stopped', async () => {
    const cluster = modelCluster();
    const stop = new AbortController();
    const before = async (call: string) => {
      if (call !== 'cluster.create' && call !== 'cluster.replace') return;
      await openRecord(cluster, APPLICATION).update(raised, signal);
      if ((await openRecord(cluster, APPLICATION).read(signal))?.epoch === 5) stop.abort();
    };
    const store = openRecord(intercepted(cluster, 'cluster', { before }), APPLICATION);
    await expect(store.update(raised, stop.signal)).rejects.toThrow();
  });
});
