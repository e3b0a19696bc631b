import { Client, Connection } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { sweepCluster } from '../../../activities/record/sweep.ts';
import { GATE_ANNOTATION, OWNER_ANNOTATION } from '../../../core/markers.ts';
import { objectAt } from '../../../core/json.ts';
import { annotationsOf, uidOf } from '../../../core/objects.ts';
import { runningInTemporal } from '../../../worker/sweep-loop.ts';
import { intercepted } from '../../fakes/interception.ts';
import type { HookLab } from '../../support/hook-lab.ts';
import { hookLab } from '../../support/hook-lab.ts';

const signal = new AbortController().signal;
const RUNS = () => Promise.resolve(true);
const IS_OVER = () => Promise.resolve(false);

/** A lab whose hook was created and never released. */
async function gatedLab(): Promise<HookLab> {
  const lab = await hookLab();
  await lab.claim();
  const before = (call: string) => {
    if (call === 'cluster.patch') throw new Error('the worker died');
  };
  await expect(lab.run({ through: { before } })).rejects.toThrow('the worker died');
  expect(lab.gated()).toHaveLength(1);
  return lab;
}

describe('the sweep of a cluster', () => {
  it('leaves a gated hook of a sync that runs', async () => {
    const lab = await gatedLab();
    expect(await sweepCluster(lab.cluster, RUNS, signal)).toEqual([]);
    expect(lab.gated()).toHaveLength(1);
  });

  it('removes one whose record is still held by a sync that was terminated', async () => {
    const lab = await gatedLab();
    expect(await sweepCluster(lab.cluster, IS_OVER, signal)).toMatchObject([{ kind: 'Job', name: 'db-migrate' }]);
    expect(lab.cluster.objects('Job')).toEqual([]);
  });

  it('writes down that one which was to be released is gone, so that a sync that is reset makes another', async () => {
    const lab = await gatedLab();
    await sweepCluster(lab.cluster, IS_OVER, signal);
    lab.cluster.advance(1_000);
    await lab.claim({ run: 'run-2' });
    expect(await lab.run({ run: 'run-2' })).toMatchObject({
      kind: 'settled',
      attempt: 2,
      verdict: { outcome: 'succeeded' },
    });
    expect((await lab.ledger())[0]?.verdict).toMatchObject({ outcome: 'aborted', failure: { type: 'Aborted' } });
    expect(lab.releases()).toHaveLength(1);
  });

  it('leaves one whose sync is reset while it asks Temporal', async () => {
    const lab = await gatedLab();
    const isReset = async () => {
      lab.cluster.advance(1_000);
      await lab.claim({ run: 'run-2' });
      return false;
    };
    expect(await sweepCluster(lab.cluster, isReset, signal)).toEqual([]);
    expect(await lab.run({ run: 'run-2' })).toMatchObject({ attempt: 1, verdict: { outcome: 'succeeded' } });
  });

  it('lets a slow attempt of a sync that was terminated write no intent for what it removes', async () => {
    const lab = await hookLab();
    await lab.claim();
    const goOn = Promise.withResolvers<undefined>();
    const isHeld = Promise.withResolvers<undefined>();
    const before = async (call: string) => {
      if (call !== 'cluster.replace') return;
      isHeld.resolve(undefined);
      await goOn.promise;
    };
    const slow = lab.run({ through: { before } });
    await isHeld.promise;
    expect(await sweepCluster(lab.cluster, IS_OVER, signal)).toHaveLength(1);
    goOn.resolve(undefined);
    expect(await slow).toEqual({ kind: 'fenced' });
    expect(await lab.ledger()).toEqual([]);
  });

  it('deletes one as it found it: a reset that takes it over meanwhile keeps it', async () => {
    const lab = await hookLab();
    await lab.claim();
    const dies = (call: string) => {
      if (call === 'cluster.replace') throw new Error('the worker died');
    };
    await expect(lab.run({ through: { before: dies } })).rejects.toThrow('the worker died');
    const before = async (call: string) => {
      if (call !== 'cluster.delete') return;
      lab.cluster.advance(1_000);
      await lab.claim({ run: 'run-2' });
      let isIntended = false;
      const diesAtRelease = (made: string) => {
        if (made === 'cluster.patch' && isIntended) throw new Error('the worker died');
        isIntended ||= made === 'cluster.replace';
      };
      await lab.run({ run: 'run-2', through: { before: diesAtRelease } }).catch(() => undefined);
    };
    expect(await sweepCluster(intercepted(lab.cluster, 'cluster', { before }), IS_OVER, signal)).toEqual([]);
    expect(await lab.run({ run: 'run-2' })).toMatchObject({ attempt: 1, verdict: { outcome: 'succeeded' } });
    expect(lab.releases()).toHaveLength(1);
  });

  it('removes one of a sync that the record no longer names, whatever Temporal says of the next one', async () => {
    const lab = await gatedLab();
    const leftover = lab.gated()[0]!;
    lab.cluster.advance(1_000);
    await lab.claim({ run: 'run-2', syncId: 's2' });
    lab.cluster.plant(leftover);
    expect(await sweepCluster(lab.cluster, RUNS, signal)).toHaveLength(1);
  });

  it('leaves one that was released, unless those are asked for and their sync is over', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    await lab.start();
    expect(await sweepCluster(lab.cluster, IS_OVER, signal)).toEqual([]);
    expect(await sweepCluster(lab.cluster, RUNS, signal, { running: true })).toEqual([]);
    expect(await sweepCluster(lab.cluster, IS_OVER, signal, { running: true })).toHaveLength(1);
    expect(lab.cluster.objects('Job')).toEqual([]);
  });

  it('asks Temporal about the very sync', async () => {
    const lab = await gatedLab();
    const asked: unknown[] = [];
    const isRunning = (sync: unknown) => {
      asked.push(sync);
      return Promise.resolve(true);
    };
    await sweepCluster(lab.cluster, isRunning, signal);
    expect(asked).toEqual([{ application: 'shop', syncId: 's1', temporal: 'temporal-1/sync/model/shop' }]);
  });

  it('leaves one whose sync another Temporal runs, without asking its own', async () => {
    const lab = await gatedLab();
    const connection = Connection.lazy();
    const unasked = new Client({ connection });
    expect(await sweepCluster(lab.cluster, runningInTemporal(unasked, 'model', 'temporal-2'), signal)).toEqual([]);
    await connection.close();
    expect(lab.gated()).toHaveLength(1);
  });

  it('leaves what is not ours, and what has been released', async () => {
    const lab = await gatedLab();
    const gated = lab.gated()[0]!;
    const { [OWNER_ANNOTATION]: _, ...copied } = annotationsOf(gated);
    const { [GATE_ANNOTATION]: __, ...released } = annotationsOf(gated);
    const named = (name: string, annotations: Readonly<Record<string, string>>) => ({
      ...gated,
      metadata: { ...objectAt(gated, 'metadata'), name, annotations },
    });
    lab.cluster.remove('Job', 'db-migrate');
    lab.cluster.plant(named('copied', copied));
    lab.cluster.plant(named('released', released));
    expect(await sweepCluster(lab.cluster, IS_OVER, signal)).toEqual([]);
    expect(lab.cluster.objects('Job')).toHaveLength(2);
  });

  it('leaves one that is released while it looks', async () => {
    const lab = await gatedLab();
    const live = lab.gated()[0]!;
    const before = (call: string) => {
      if (call === 'cluster.delete') lab.cluster.setStatus(uidOf(live), { ready: 0 });
    };
    expect(await sweepCluster(intercepted(lab.cluster, 'cluster', { before }), IS_OVER, signal)).toEqual([]);
    expect(lab.cluster.objects('Job')).toHaveLength(1);
  });
});
