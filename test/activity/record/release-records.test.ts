import { describe, expect, it } from 'vitest';
import { releaseRecords } from '../../../activities/record/release-records.ts';
import type { IsRunning } from '../../../activities/record/forsaken-hook.ts';
import { hookLab } from '../../support/hook-lab.ts';

const signal = new AbortController().signal;
const RUNS: IsRunning = () => Promise.resolve(true);
const IS_OVER: IsRunning = () => Promise.resolve(false);
const HELD = { application: 'shop', namespace: 'shop', syncId: 's1' };

describe('a record that is held', () => {
  it('is released once its sync is over, and what that sync still asks for is refused', async () => {
    const lab = await hookLab();
    await lab.claim();
    expect(await releaseRecords(lab.cluster, RUNS, signal)).toEqual([]);
    expect(await releaseRecords(lab.cluster, IS_OVER, signal, 'other')).toEqual([]);
    expect(await releaseRecords(lab.cluster, IS_OVER, signal)).toEqual([HELD]);
    expect(await lab.run()).toEqual({ kind: 'fenced' });
    expect(await releaseRecords(lab.cluster, IS_OVER, signal)).toEqual([]);
  });

  it('may be claimed by another sync then, in its own words with the bundle of the one before as applied', async () => {
    const lab = await hookLab();
    await lab.claim();
    await releaseRecords(lab.cluster, IS_OVER, signal);
    lab.cluster.advance(1_000);
    await lab.claim({ run: 'run-2', syncId: 's2' });
    expect(await releaseRecords(lab.cluster, RUNS, signal)).toEqual([]);
  });

  it('stays where somebody claims it between the question and the release', async () => {
    const lab = await hookLab();
    await lab.claim();
    const claimedMeanwhile: IsRunning = async () => {
      lab.cluster.advance(1_000);
      await lab.claim({ run: 'run-2', syncId: 's2' });
      return false;
    };
    expect(await releaseRecords(lab.cluster, claimedMeanwhile, signal)).toEqual([]);
    expect(await releaseRecords(lab.cluster, RUNS, signal)).toEqual([]);
  });
});
