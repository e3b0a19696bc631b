import { describe, expect, it } from 'vitest';
import { openRecord } from '../../../activities/record/record-store.ts';
import type { SyncRecord } from '../../../core/record/record.ts';
import { ApiError, ConnectionError } from '../../../kubernetes/errors.ts';
import { intercepted } from '../../fakes/interception.ts';
import { modelCluster } from '../../fakes/model-cluster.ts';

const APPLICATION = { application: 'shop', namespace: 'shop' };
const signal = new AbortController().signal;

const EMPTY: SyncRecord = {
  version: 1,
  application: 'shop',
  epoch: 0,
  number: 1,
  holder: null,
  lastClaim: { temporal: 't', at: 0 },
  syncId: 's1',
  ledger: {},
};

const raised = (record: SyncRecord | undefined): SyncRecord => ({ ...EMPTY, epoch: (record?.epoch ?? 0) + 1 });

function counted(refuse: (call: string, nth: number) => Error | undefined = () => undefined) {
  const calls: string[] = [];
  const before = (call: string): Promise<void> => {
    calls.push(call);
    const error = refuse(call, calls.filter((each) => each === call).length);
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  };
  const cluster = modelCluster();
  return { store: openRecord(intercepted(cluster, 'cluster', { before }), APPLICATION), calls, cluster };
}

describe('changes of a record that are asked for at once', () => {
  it('are written together, and each is told the record as it left it', async () => {
    const { store, calls } = counted();
    const written = await Promise.all(Array.from({ length: 100 }, () => store.update(raised, signal)));
    expect(written.map((record) => record?.epoch)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
    // The first goes alone, all that came meanwhile together.
    expect(calls).toEqual(['cluster.get', 'cluster.create', 'cluster.get', 'cluster.replace']);
    expect((await store.read(signal))?.epoch).toBe(100);
  });

  it('see what those before them have changed, and may decline because of it', async () => {
    const { store } = counted();
    const first = (record: SyncRecord | undefined) => ((record?.epoch ?? 0) > 0 ? undefined : raised(record));
    const taken = await Promise.all([1, 2, 3].map(() => store.update(first, signal)));
    expect(taken.map((record) => record?.epoch)).toEqual([1, undefined, undefined]);
  });

  it('are asked again together where somebody else was first', async () => {
    const { store, calls, cluster } = counted();
    await store.update(raised, signal);
    const other = openRecord(cluster, APPLICATION);
    const seen: number[] = [];
    const change = (record: SyncRecord | undefined) => (seen.push(record?.epoch ?? 0), raised(record));
    const all = [store.update(change, signal), other.update(raised, signal), store.update(change, signal)];
    const epochs = (await Promise.all(all)).map((record) => record?.epoch).toSorted();
    expect(epochs).toEqual([2, 3, 4]);
    expect(calls.filter((call) => call === 'cluster.replace').length).toBeGreaterThan(1);
    expect((await store.read(signal))?.epoch).toBe(4);
  });

  it('leave one out that throws, and one that nobody waits for any more', async () => {
    const { store } = counted();
    const stop = new AbortController();
    const blocking = store.update(raised, signal);
    const gone = store.update(raised, stop.signal);
    const broken = store.update(() => {
      throw new Error('no');
    }, signal);
    const last = store.update(raised, signal);
    stop.abort(new Error('cancelled'));
    await expect(gone).rejects.toThrow('cancelled');
    await expect(broken).rejects.toThrow('no');
    expect([(await blocking)?.epoch, (await last)?.epoch]).toEqual([1, 2]);
  });

  it('are each tried alone where the API server refuses them together', async () => {
    const tooLarge = new ApiError('too large', { code: 413, reason: '', causes: [], retryAfterSeconds: undefined });
    const { store } = counted((call, nth) => (call === 'cluster.replace' && nth === 1 ? tooLarge : undefined));
    const written = await Promise.all([1, 2, 3].map(() => store.update(raised, signal)));
    expect(written.map((record) => record?.epoch)).toEqual([1, 2, 3]);
  });

  it('all fail where there is no answer, and the next ones are tried again', async () => {
    const { store } = counted((call, nth) =>
      call === 'cluster.replace' && nth === 1 ? new ConnectionError('reset') : undefined,
    );
    const written = await Promise.allSettled([1, 2, 3].map(() => store.update(raised, signal)));
    expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect((await store.update(raised, signal))?.epoch).toBe(2);
  });
});
