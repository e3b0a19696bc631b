import { describe, expect, it } from 'vitest';
import { sweepCluster } from '../../../activities/record/sweep.ts';
import { uidOf } from '../../../core/objects.ts';
import type { Behaviour } from '../../fakes/model-cluster.ts';
import type { HookAnswer } from '../../../workflows/activities.ts';
import type { Moment } from '../../support/disturbances.ts';
import { momentsOf, pausing } from '../../support/disturbances.ts';
import type { HookLab, LabHook } from '../../support/hook-lab.ts';
import { hookLab } from '../../support/hook-lab.ts';

const DELETED: LabHook = { deletePolicies: ['HookSucceeded', 'HookFailed'] };

/** What the slow attempt answered, and what the one that ran meanwhile did. */
interface Overlap<Result> {
  readonly lab: HookLab;
  readonly slow: HookAnswer;
  readonly meanwhile: Result;
  readonly told: string;
}

/** For every moment of an attempt: it stands still there, something else happens from beginning to end, and it goes on. */
async function* overlaps<Result>(
  hook: LabHook,
  behaviour: Behaviour,
  meanwhile: (lab: HookLab) => Promise<Result>,
): AsyncGenerator<Overlap<Result>> {
  const fresh = async () => {
    const lab = await hookLab(hook);
    lab.cluster.behaviour = behaviour;
    await lab.claim();
    return lab;
  };
  const counted = await fresh();
  const moments: readonly Moment[] = await momentsOf((through) => counted.run({ through }));
  expect(moments.length).toBeGreaterThan(20);
  for (const moment of moments) {
    const lab = await fresh();
    const { through, paused, goOn } = pausing(moment);
    const slow = lab.run({ through });
    await Promise.race([paused, slow]);
    const result = await meanwhile(lab);
    goOn();
    yield { lab, slow: await slow, meanwhile: result, told: JSON.stringify(moment) };
  }
}

const AT_ONCE: Behaviour = { kind: 'succeed', afterMs: 0 };
const LATER: Behaviour = { kind: 'succeed', afterMs: 10_000 };

describe('an attempt that was declared dead and is only slow', () => {
  it.each([AT_ONCE, LATER, { kind: 'fail', afterMs: 1_000 }] as const)(
    'beside its successor in the same run, whose object is deleted already (%j)',
    async (behaviour) => {
      const successor = async (lab: HookLab) => {
        const answer = await lab.run();
        await lab.settle();
        return answer;
      };
      for await (const { lab, slow, meanwhile, told } of overlaps(DELETED, behaviour, successor)) {
        expect(meanwhile, told).toMatchObject({ kind: 'settled', attempt: 1 });
        expect(slow, told).toEqual(meanwhile);
        expect(lab.releases(), told).toHaveLength(1);
        expect(lab.gated(), told).toEqual([]);
        expect(await lab.ledger(), told).toHaveLength(1);
      }
    },
  );

  it('does not take the object of a later attempt for one that is in its way', async () => {
    const retried = async (lab: HookLab) => {
      await lab.run();
      const die = (call: string): void => {
        if (call === 'cluster.patch') throw new Error('the worker has died');
      };
      await lab.run({ ask: 2, through: { before: die } }).catch(() => undefined);
      return lab.gated().map(uidOf);
    };
    for await (const { lab, meanwhile, told } of overlaps({}, { kind: 'fail', afterMs: 0 }, retried)) {
      expect(meanwhile, told).toHaveLength(1);
      expect(lab.cluster.objects('Job').map(uidOf), told).toEqual(meanwhile);
    }
  });

  it('does not take the evidence of its successor away', async () => {
    const successor = async (lab: HookLab) => {
      const answer = await lab.run();
      await lab.settle();
      return answer;
    };
    for await (const { lab, meanwhile, told } of overlaps(DELETED, AT_ONCE, successor)) {
      await lab.store.collect(0, new AbortController().signal);
      if (meanwhile.kind !== 'settled') throw new Error(told);
      expect(lab.store.json(meanwhile.verdict.evidence!), told).toMatchObject({ outcome: 'succeeded' });
    }
  });

  it.each([
    ['kept', { deletePolicies: [] }],
    ['deleted', DELETED],
  ] as const)('beside the run that follows a reset, whose object is %s', async (_, hook) => {
    const reset = async (lab: HookLab) => {
      await lab.claim({ run: 'run-2' });
      const answer = await lab.run({ run: 'run-2' });
      await lab.settle({ run: 'run-2' });
      return answer;
    };
    for await (const { lab, slow, meanwhile, told } of overlaps(hook, LATER, reset)) {
      expect(meanwhile, told).toMatchObject({ kind: 'settled', attempt: 1, verdict: { outcome: 'succeeded' } });
      expect(['fenced', 'settled'], told).toContain(slow.kind);
      expect(lab.releases(), told).toHaveLength(1);
      expect(lab.gated(), told).toEqual([]);
    }
  });

  it('while the next run has written its intent and not yet released', async () => {
    const halfWay = async (lab: HookLab) => {
      await lab.claim({ run: 'run-2' });
      const before = (call: string) => {
        if (call === 'cluster.patch') throw new Error('the worker died');
      };
      await lab.run({ run: 'run-2', through: { before } }).catch(() => undefined);
    };
    for await (const { lab, told } of overlaps({ deletePolicies: [] }, AT_ONCE, halfWay)) {
      const answer = await lab.run({ run: 'run-2' });
      expect(answer, told).toMatchObject({ kind: 'settled', attempt: 1, verdict: { outcome: 'succeeded' } });
      expect(lab.releases(), told).toHaveLength(1);
    }
  });

  it('beside another sync: that one runs its hook once, undisturbed', async () => {
    const next = async (lab: HookLab) => {
      lab.cluster.advance(1_000);
      await lab.claim({ run: 'run-2', syncId: 's2' });
      return lab.run({ run: 'run-2', syncId: 's2' });
    };
    for await (const { lab, slow, meanwhile, told } of overlaps({ deletePolicies: [] }, AT_ONCE, next)) {
      if (meanwhile.kind !== 'settled') throw new Error(`${told} ${JSON.stringify(meanwhile)}`);
      expect(meanwhile.verdict.outcome, told).toBe('succeeded');
      expect(
        lab.releases().filter((uid) => uid === meanwhile.uid),
        told,
      ).toHaveLength(1);
      expect(lab.releases().length, told).toBeLessThanOrEqual(2);
      expect(uidOf(lab.cluster.find('Job', 'db-migrate')!), told).toBe(meanwhile.uid);
      expect(['fenced', 'settled'], told).toContain(slow.kind);
      expect(lab.gated(), told).toEqual([]);
    }
  });

  it('beside an abort: nothing is released after it, and what is left gated goes with the sweep', async () => {
    const abort = async (lab: HookLab) => {
      await lab.stop();
      return lab.releases().length;
    };
    for await (const { lab, meanwhile, told } of overlaps({ deletePolicies: [] }, { kind: 'run' }, abort)) {
      expect(lab.releases().length, told).toBe(meanwhile);
      const isRunning = () => Promise.resolve(false);
      await sweepCluster(lab.cluster, isRunning, new AbortController().signal);
      expect(lab.cluster.objects('Job'), told).toEqual([]);
    }
  });
});

describe('the record is lost on the way', () => {
  it('before the intent: the own gated object is removed, and the answer is fenced', async () => {
    const lab = await hookLab();
    await lab.claim();
    const before = async (call: string) => {
      if (call !== 'cluster.create') return;
      lab.cluster.advance(1_000);
      await lab.claim({ run: 'run-2', syncId: 's2' });
    };
    expect(await lab.run({ through: { before } })).toEqual({ kind: 'fenced' });
    expect(lab.cluster.objects('Job')).toEqual([]);
    expect(lab.releases()).toEqual([]);
  });

  it('before the intent, to a run of the same sync: the object is left for that one to adopt', async () => {
    const lab = await hookLab();
    await lab.claim();
    let claimed = false;
    const after = async (call: string) => {
      if (call !== 'cluster.create' || claimed) return;
      claimed = true;
      await lab.claim({ run: 'run-2' });
    };
    expect(await lab.run({ through: { after } })).toEqual({ kind: 'fenced' });
    const created = uidOf(lab.gated()[0]!);
    expect(await lab.run({ run: 'run-2' })).toMatchObject({ kind: 'settled', uid: created });
    expect(lab.releases()).toEqual([created]);
  });

  it('under an old epoch nothing is begun, stopped or settled', async () => {
    const lab = await hookLab();
    await lab.claim();
    await lab.claim({ run: 'run-2' });
    expect(await lab.run()).toEqual({ kind: 'fenced' });
    expect(lab.cluster.objects('Job')).toEqual([]);
  });
});

describe('claims', () => {
  it('a phase of a root that has been followed is refused', async () => {
    const lab = await hookLab();
    await lab.claim();
    await lab.claim({ run: 'run-2' });
    expect(await lab.claimPhase()).toMatchObject({ kind: 'failed', failures: [{ type: 'Superseded' }] });
  });

  it('another Temporal is named, and taken over from only by choice', async () => {
    const lab = await hookLab();
    await lab.claim();
    const other = { run: 'run-2', syncId: 's2', temporal: 'temporal-2' };
    const refused = await lab.claim(other);
    expect(refused).toMatchObject({ kind: 'failed', failures: [{ type: 'HeldElsewhere' }] });
    expect(JSON.stringify(refused)).toContain('default at temporal-1');
    expect(await lab.claim({ ...other, takeOver: true })).toMatchObject({ kind: 'claimed' });
  });

  it('a late claim of a sync that is over does not take the record from the next one', async () => {
    const lab = await hookLab();
    const late = lab.runtime({ run: 'root-run-1' });
    await lab.claim();
    lab.cluster.advance(30_000);
    await lab.claim({ run: 'run-2', syncId: 's2' });
    expect(await lab.claim({ runtime: late })).toMatchObject({ kind: 'failed', failures: [{ type: 'Superseded' }] });
    expect(await lab.run({ run: 'run-2', syncId: 's2' })).toMatchObject({ kind: 'settled' });
  });
});
