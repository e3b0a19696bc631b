import { describe, expect, it } from 'vitest';
import { GATE_ANNOTATION, TTL_ANNOTATION } from '../../../core/markers.ts';
import type { JsonObject } from '../../../core/json.ts';
import { numberAt, objectAt, stringAt } from '../../../core/json.ts';
import { annotationsOf, refOf, uidOf } from '../../../core/objects.ts';
import { ApiError, ConnectionError } from '../../../kubernetes/errors.ts';
import type { HookAnswer } from '../../../workflows/activities.ts';
import type { Actor, HookLab } from '../../support/hook-lab.ts';
import { hookLab, migration } from '../../support/hook-lab.ts';
import { activityRuntime } from '../../support/runtime.ts';

const STARTED_ELSEWHERE = { 'app.kubernetes.io/managed-by': 'argocd' };

function settledOf(answer: HookAnswer): Extract<HookAnswer, { kind: 'settled' }> {
  if (answer.kind !== 'settled') throw new Error(JSON.stringify(answer));
  return answer;
}

describe('a hook that nobody disturbs', () => {
  it('is created gated, released once, and succeeds', async () => {
    const lab = await hookLab();
    const created: unknown[] = [];
    lab.cluster.admit = (object) => {
      if (object['kind'] === 'Job') created.push(object);
      return object;
    };
    await lab.claim();
    const answer = settledOf(await lab.run());
    expect(answer.verdict.outcome).toBe('succeeded');
    expect(answer).toMatchObject({ attempt: 1, gated: true });
    expect(lab.releases()).toEqual([answer.uid]);
    expect(created).toMatchObject([
      { spec: { suspend: true }, metadata: { annotations: { [GATE_ANNOTATION]: 's1.1' } } },
    ]);
    expect(lab.gated()).toEqual([]);
  });

  it('has its intent in the ledger before it is released', async () => {
    const lab = await hookLab();
    await lab.claim();
    const seen: number[] = [];
    const before = async (call: string) => {
      if (call === 'cluster.patch') seen.push((await lab.ledger()).length);
    };
    await lab.run({ through: { before } });
    expect(seen).toEqual([1]);
  });

  it('costs four writes of ours', async () => {
    const lab = await hookLab();
    await lab.claim();
    const writes: string[] = [];
    const through = {
      before: (call: string) => {
        if (/create|replace|patch|delete|apply/.test(call)) writes.push(call);
      },
    };
    await lab.run({ through });
    expect(writes).toEqual(['cluster.create', 'cluster.replace', 'cluster.patch', 'cluster.replace']);
  });

  it('answers a failure with the reason of Kubernetes, and the next request for it is a new attempt', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'fail', afterMs: 1_000 };
    await lab.claim();
    const first = settledOf(await lab.run());
    expect(first.verdict).toMatchObject({ outcome: 'failed', failure: { type: 'HookFailed' } });
    expect(first.verdict.message).toContain('BackoffLimitExceeded');
    const repeated = settledOf(await lab.run());
    expect(repeated.uid).toBe(first.uid);
    const second = settledOf(await lab.run({ ask: 2 }));
    expect(second.attempt).toBe(2);
    expect(lab.releases()).toEqual([first.uid, second.uid]);
  });

  it('runs again in another sync although its finished Job is still there [argo 2.6.stale] [argo 6.skipped-migration]', async () => {
    const lab = await hookLab({ deletePolicies: [] });
    await lab.claim();
    const first = settledOf(await lab.run());
    lab.cluster.advance(1_000);
    await lab.claim({ run: 'run-2', syncId: 's2' });
    const second = settledOf(await lab.run({ run: 'run-2', syncId: 's2' }));
    expect(lab.releases()).toEqual([first.uid, second.uid]);
  });

  it('a success is reused by a later run of the same sync [argo 2.8.retry-restarts]', async () => {
    const lab = await hookLab();
    await lab.claim();
    const first = settledOf(await lab.run());
    lab.cluster.remove('Job', 'db-migrate');
    await lab.claim({ run: 'run-2' });
    expect(settledOf(await lab.run({ run: 'run-2' })).uid).toBe(first.uid);
    expect(lab.releases()).toHaveLength(1);
  });

  it('a failure is a spent attempt for a later run of the same sync [argo 1.generateName]', async () => {
    const lab = await hookLab({
      manifest: { ...migration(), metadata: { generateName: 'db-migrate-', namespace: 'shop' } },
    });
    lab.cluster.behaviour = { kind: 'fail', afterMs: 0 };
    await lab.claim();
    await lab.run();
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 0 };
    await lab.claim({ run: 'run-2' });
    const second = settledOf(await lab.run({ run: 'run-2' }));
    expect(second).toMatchObject({ attempt: 2, verdict: { outcome: 'succeeded' } });
    expect(lab.cluster.starts.map(({ name }) => name)).toEqual([
      'db-migrate-abc1234-presync-s1-1',
      'db-migrate-abc1234-presync-s1-2',
    ]);
  });

  it('a Pod is held by a scheduling gate and released by its removal', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'db-migrate', namespace: 'shop' },
      spec: { restartPolicy: 'Never', schedulingGates: [{ name: 'their/gate' }] },
    };
    const lab = await hookLab({ manifest: pod });
    await lab.claim();
    // The author's own gate is somebody else's to remove.
    lab.cluster.at(lab.cluster.now() + 5_000, () => {
      const live = lab.cluster.find('Pod', 'db-migrate')!;
      lab.cluster.remove('Pod', 'db-migrate');
      expect(objectAt(live, 'spec')).toMatchObject({ schedulingGates: [{ name: 'their/gate' }] });
    });
    const answer = settledOf(await lab.run());
    expect(answer.verdict.failure?.type).toBe('HookLost');
    expect(lab.releases()).toEqual([]);
  });
});

describe('the API server gets in the way', () => {
  it('a lost answer to the creation does not create it twice', async () => {
    const lab = await hookLab();
    await lab.claim();
    let creations = 0;
    const after = (call: string) => {
      if (call === 'cluster.create' && (creations += 1) === 1) throw new ConnectionError('reset');
    };
    expect(settledOf(await lab.run({ through: { after } })).verdict.outcome).toBe('succeeded');
    expect(creations).toBe(1);
    expect(lab.releases()).toHaveLength(1);
  });

  it('a 409 on the creation means to look again: a finished foreign Job is replaced', async () => {
    const lab = await hookLab();
    await lab.claim();
    let planted = '';
    const before = (call: string) => {
      if (call !== 'cluster.create' || planted !== '') return;
      planted = uidOf(lab.cluster.plant(migration()));
    };
    const answer = settledOf(await lab.run({ through: { before } }));
    expect(answer.uid).not.toBe(planted);
    expect(lab.releases()).toEqual([planted, answer.uid]);
  });

  it('a refused creation is a failure with the words of the server', async () => {
    const lab = await hookLab();
    await lab.claim();
    const before = (call: string) => {
      if (call === 'cluster.create')
        throw new ApiError('spec.template is invalid', {
          code: 422,
          reason: 'Invalid',
          causes: [],
          retryAfterSeconds: undefined,
        });
    };
    const answer = await lab.run({ through: { before } });
    expect(answer).toMatchObject({ kind: 'failed', failures: [{ type: 'InvalidManifest' }] });
  });

  it('a 410 or a 500 on the way is thrown on, so that Temporal tries again', async () => {
    const lab = await hookLab();
    await lab.claim();
    for (const code of [410, 500, 503]) {
      const before = (call: string) => {
        if (call === 'cluster.patch')
          throw new ApiError('later', { code, reason: '', causes: [], retryAfterSeconds: undefined });
      };
      await expect(lab.run({ through: { before } })).rejects.toThrow('later');
    }
    expect(settledOf(await lab.run()).verdict.outcome).toBe('succeeded');
    expect(lab.releases()).toHaveLength(1);
  });

  it('a webhook that strips the gate makes the attempt at-least-once, and the answer says so', async () => {
    const lab = await hookLab();
    lab.cluster.admit = (object) =>
      object['kind'] === 'Job' ? { ...object, spec: { ...objectAt(object, 'spec'), suspend: false } } : object;
    await lab.claim();
    expect(settledOf(await lab.run())).toMatchObject({ gated: false, verdict: { outcome: 'succeeded' } });
    expect((await lab.ledger())[0]).toMatchObject({ gated: false });
  });

  it('what a server stores of an admission that refuses the release ends with the deadline', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    await lab.claim();
    const before = (call: string) => {
      if (call === 'cluster.patch')
        throw new ApiError('refused', { code: 422, reason: 'Invalid', causes: [], retryAfterSeconds: undefined });
    };
    expect(settledOf(await lab.run({ through: { before } })).verdict.failure?.type).toBe('HookTimedOut');
    expect(lab.releases()).toEqual([]);
    expect(lab.gated()).toEqual([]);
  });
});

describe('the release', () => {
  it('does not open an object that another attempt has put there with the same gate', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    const before = (call: string) => {
      if (call !== 'cluster.patch') return;
      const gated = lab.gated()[0]!;
      lab.cluster.remove('Job', 'db-migrate');
      lab.cluster.plant(gated);
    };
    expect(settledOf(await lab.run({ through: { before } })).verdict.failure?.type).toBe('HookLost');
    expect(lab.releases()).toEqual([]);
  });
});

describe('an object that is one too many', () => {
  it.each(['before', 'after'] as const)(
    'is left where somebody has released it %s it is looked at once more',
    async (side) => {
      const lab = await hookLab();
      lab.cluster.behaviour = { kind: 'run' };
      await lab.claim();
      let gets = 0;
      const release = () => {
        const live = lab.gated()[0];
        if (live === undefined) return;
        lab.cluster.remove('Job', 'db-migrate');
        const { [GATE_ANNOTATION]: _, ...annotations } = annotationsOf(live);
        const metadata = { ...objectAt(live, 'metadata'), annotations };
        lab.cluster.adopt({ ...live, metadata, spec: { ...objectAt(live, 'spec'), suspend: false } });
      };
      const through = {
        async before(call: string) {
          if (call === 'cluster.create') {
            lab.cluster.advance(1_000);
            await lab.claim({ run: 'run-2', syncId: 's2' });
          }
          if (call === 'cluster.get' && lab.gated().length > 0) gets += 1;
          if (call === (side === 'before' ? 'cluster.get' : 'cluster.delete') && gets === 2) release();
        },
      };
      expect(await lab.run({ through })).toEqual({ kind: 'fenced' });
      expect(gets).toBe(2);
      expect(lab.cluster.objects('Job')).toHaveLength(1);
    },
  );
});

describe('something stands under the name already', () => {
  it('what runs for somebody else is left alone, whatever the policy [argo 2.6.running]', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'run' };
    const foreign = uidOf(lab.cluster.plant(migration({}, { labels: STARTED_ELSEWHERE })));
    await lab.claim();
    expect(await lab.run()).toMatchObject({
      kind: 'failed',
      failures: [{ type: 'HookConflict', object: 'Job shop/db-migrate' }],
    });
    expect(uidOf(lab.cluster.find('Job', 'db-migrate')!)).toBe(foreign);
    expect(await lab.ledger()).toEqual([]);
  });

  it('one that is gone by the time it is to be deleted is no failure, with Replace either [argo 5.17]', async () => {
    const replaced = { annotations: { 'argocd.argoproj.io/sync-options': 'Replace=true' } };
    const lab = await hookLab({ manifest: migration({}, replaced) });
    lab.cluster.plant(migration());
    await lab.claim();
    const before = (call: string) => {
      if (call === 'cluster.delete') lab.cluster.remove('Job', 'db-migrate');
    };
    expect(settledOf(await lab.run({ through: { before } })).verdict.outcome).toBe('succeeded');
    expect(lab.releases()).toHaveLength(2);
  });

  it('one that finishes while we judge it is looked at again and replaced', async () => {
    const lab = await hookLab();
    const foreign = lab.cluster.plant(migration());
    await lab.claim();
    let touched = false;
    const before = (call: string) => {
      if (call !== 'cluster.delete' || touched) return;
      touched = true;
      lab.cluster.setStatus(uidOf(foreign), { ready: 0 });
    };
    expect(settledOf(await lab.run({ through: { before } })).verdict.outcome).toBe('succeeded');
    expect(lab.releases()).toHaveLength(2);
  });

  it('one that somebody starts again while we judge it is not deleted', async () => {
    const lab = await hookLab();
    const foreign = lab.cluster.plant(migration());
    await lab.claim();
    const before = (call: string) => {
      if (call === 'cluster.delete') lab.cluster.setStatus(uidOf(foreign), { conditions: [], active: 1 });
    };
    expect(await lab.run({ through: { before } })).toMatchObject({ failures: [{ type: 'HookConflict' }] });
    expect(lab.cluster.objects('Job').map(uidOf)).toEqual([uidOf(foreign)]);
  });

  it('a gated leftover of another sync is removed by the claim, before it can be released', async () => {
    const lab = await hookLab();
    await lab.claim();
    await crashAt(lab, 'cluster.patch');
    expect(lab.gated()).toHaveLength(1);
    lab.cluster.advance(1_000);
    await lab.claim({ run: 'run-2', syncId: 's2' });
    expect(lab.gated()).toEqual([]);
    expect(settledOf(await lab.run({ run: 'run-2', syncId: 's2' })).verdict.outcome).toBe('succeeded');
    expect(lab.releases()).toHaveLength(1);
  });

  it('a gated leftover that the claim did not see is replaced by the hook', async () => {
    const lab = await hookLab();
    await lab.claim();
    await crashAt(lab, 'cluster.replace');
    const leftover = lab.gated()[0]!;
    lab.cluster.remove('Job', 'db-migrate');
    lab.cluster.advance(1_000);
    await lab.claim({ run: 'run-2', syncId: 's2' });
    const planted = uidOf(lab.cluster.plant(leftover));
    const answer = settledOf(await lab.run({ run: 'run-2', syncId: 's2' }));
    expect(answer.uid).not.toBe(planted);
    expect(lab.releases()).toEqual([answer.uid]);
  });

  it('one that is being deleted is waited for, and one that does not go is a conflict [argo 2.4.BeforeHookCreation]', async () => {
    const lab = await hookLab();
    const leaving = { finalizers: ['argocd.argoproj.io/hook-finalizer'], deletionTimestamp: '2025-12-31T23:59:00Z' };
    lab.cluster.plant(migration({ suspend: true }, leaving));
    await lab.claim();
    lab.cluster.at(lab.cluster.now() + 60_000, () => lab.cluster.remove('Job', 'db-migrate'));
    expect(settledOf(await lab.run()).verdict.outcome).toBe('succeeded');

    const stuck = await hookLab();
    stuck.cluster.plant(migration({ suspend: true }, leaving));
    await stuck.claim();
    await expect(stuck.run()).rejects.toMatchObject({ failures: [{ type: 'HookConflict' }] });
  });

  it('a kind without an end that is to be kept is applied over', async () => {
    const pvc = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'shop' },
      data: { a: '2' },
    };
    const lab = await hookLab({
      manifest: pvc,
      deletePolicies: ['HookFailed'],
      runsToCompletion: false,
      settlesAtOnce: true,
    });
    const uid = uidOf(lab.cluster.plant({ ...pvc, data: { a: '1' } }));
    await lab.claim();
    expect(settledOf(await lab.run())).toMatchObject({ uid, gated: false, verdict: { outcome: 'succeeded' } });
    expect(lab.cluster.find('ConfigMap', 'settings')).toMatchObject({ data: { a: '2' } });
  });
});

describe('while it runs', () => {
  it('a deletion from outside is HookLost, never a second run [argo 5.60]', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    lab.cluster.at(lab.cluster.now() + 10_000, () => lab.cluster.remove('Job', 'db-migrate'));
    expect(settledOf(await lab.run()).verdict.failure?.type).toBe('HookLost');
    expect(settledOf(await lab.run()).verdict.failure?.type).toBe('HookLost');
    expect(lab.releases()).toHaveLength(1);
  });

  it('another object under its name is not taken for it', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    lab.cluster.at(lab.cluster.now() + 10_000, () => {
      lab.cluster.remove('Job', 'db-migrate');
      lab.cluster.behaviour = { kind: 'succeed', afterMs: 0 };
      lab.cluster.plant(migration());
    });
    expect(settledOf(await lab.run()).verdict.failure?.type).toBe('HookLost');
  });

  it('another object under its name, put there while it was still gated, is not taken for it', async () => {
    const lab = await hookLab();
    await lab.claim();
    await crashAt(lab, 'cluster.patch');
    const before = (call: string) => {
      if (call !== 'cluster.patch') return;
      lab.cluster.remove('Job', 'db-migrate');
      lab.cluster.plant(migration());
    };
    expect(settledOf(await lab.run({ through: { before } })).verdict.failure?.type).toBe('HookLost');
  });

  it('a deadline stops it and keeps its evidence [argo 2.8.timeout] [argo 6.timeouts]', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    const { verdict } = settledOf(await lab.run());
    expect(verdict).toMatchObject({ outcome: 'failed', failure: { type: 'HookTimedOut' } });
    expect(lab.cluster.objects('Job')).toEqual([]);
    expect(lab.store.json(verdict.evidence!)).toMatchObject({ containers: [{ container: 'main', state: 'running' }] });
  });

  it('a deadline counts across a restart of the worker', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    const begun = lab.cluster.now();
    await crashAt(lab, 'view.changed', 5);
    const { verdict } = settledOf(await lab.run());
    expect(verdict.failure?.type).toBe('HookTimedOut');
    expect(verdict.at - begun).toBe(30_000);
  });

  it('a deadline that is seen beside a verdict of somebody else stops nothing', async () => {
    const lab = await hookLab({ deadlineMs: 10_000, deletePolicies: [] });
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    let written = false;
    const before = async (call: string) => {
      if (call !== 'store.put' || written) return;
      written = true;
      lab.cluster.setStatus(lab.releases()[0]!, { conditions: [{ type: 'Complete', status: 'True' }] });
      await lab.run();
    };
    expect(settledOf(await lab.run({ through: { before } })).verdict.outcome).toBe('succeeded');
    expect(lab.cluster.objects('Job')).toHaveLength(1);
  });

  it('what ended in time counts although it is seen past the deadline', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 20_000 };
    await lab.claim();
    await crashAt(lab, 'view.changed', 2);
    lab.cluster.advance(3_600_000);
    expect(settledOf(await lab.run()).verdict.outcome).toBe('succeeded');
  });

  it('what ended in time counts although the watch has not told of it by the deadline', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 20_000 };
    const view = lab.cluster.view.bind(lab.cluster);
    lab.cluster.view = async (query, signal) => {
      const opened = await view(query, signal);
      const seen = opened.all();
      return { ...opened, all: () => seen, get: (name) => seen.find((object) => refOf(object).name === name) };
    };
    await lab.claim();
    expect(settledOf(await lab.run()).verdict.outcome).toBe('succeeded');
  });

  it('a release that comes long after the intent gets the whole deadline', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 20_000 };
    await lab.claim();
    await crashAt(lab, 'cluster.patch');
    lab.cluster.advance(3_600_000);
    expect(settledOf(await lab.run()).verdict.outcome).toBe('succeeded');
    expect(lab.releases()).toHaveLength(1);
  });

  it('a release that comes late moves the deadline of an attempt that stood still before its own, too', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 25_000 };
    await lab.claim();
    let stands = false;
    const before = async (call: string) => {
      if (call !== 'cluster.patch' || stands) return;
      stands = true;
      lab.cluster.advance(20_000);
      await crashAt(lab, 'view.changed');
    };
    expect(settledOf(await lab.run({ through: { before } })).verdict.outcome).toBe('succeeded');
    expect(lab.releases()).toHaveLength(1);
  });

  it('a release that takes long itself gets the whole deadline, also before its object says that it has begun', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 20_000 };
    await lab.claim();
    const before = (call: string): void => {
      if (call === 'cluster.patch') lab.cluster.advance(3_600_000);
    };
    const after = (call: string): void => {
      if (call !== 'cluster.patch') return;
      const [uid = ''] = lab.releases();
      const startTime = new Date(lab.cluster.now()).toISOString();
      lab.cluster.setStatus(uid, { startTime: null });
      lab.cluster.at(lab.cluster.now() + 2_000, () => lab.cluster.setStatus(uid, { startTime }));
    };
    expect(settledOf(await lab.run({ through: { before, after } })).verdict.outcome).toBe('succeeded');
  });

  it('a release by an attempt that was left behind gets the whole deadline from its own beginning', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 20_000 };
    await lab.claim();
    const before = (call: string): void => {
      if (call === 'cluster.patch') lab.cluster.advance(25_000);
      if (call === 'cluster.view') throw new Error('the worker has died');
    };
    await lab.run({ through: { before } }).catch(() => undefined);
    expect(settledOf(await lab.run()).verdict.outcome).toBe('succeeded');
    expect(lab.releases()).toHaveLength(1);
  });

  it("the author's own suspend is kept and shown", async () => {
    const lab = await hookLab({ manifest: migration({ suspend: true }), deadlineMs: 30_000 });
    await lab.claim();
    const runtime = activityRuntime({ run: 'run-1', now: () => lab.cluster.now() });
    lab.cluster.at(lab.cluster.now() + 10_000, () => {
      const live = lab.cluster.find('Job', 'db-migrate')!;
      expect(objectAt(live, 'spec')?.['suspend']).toBe(true);
      expect(annotationsOf(live)[GATE_ANNOTATION]).toBeUndefined();
    });
    expect(settledOf(await lab.run({ runtime })).verdict.failure?.type).toBe('HookTimedOut');
    expect(lab.releases()).toEqual([]);
    expect(JSON.stringify(runtime.heartbeats)).toContain('suspended');
  });
});

describe('a pod that is stuck, where the sync has a grace period', () => {
  const waiting = (reason: string) => ({
    phase: 'Pending',
    containerStatuses: [{ name: 'main', state: { waiting: { reason, message: 'hunter2-hunter2 is no image' } } }],
  });
  /** A lab whose hook's pod gets these statuses, so many ms after its start. */
  async function stuckLab(...states: readonly (readonly [ms: number, status: JsonObject])[]) {
    const lab = await hookLab({ deadlineMs: 600_000, deletePolicies: [] });
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    const begun = lab.cluster.now();
    for (const [ms, status] of states) {
      lab.cluster.at(begun + ms, () => lab.cluster.setStatus(uidOf(lab.cluster.objects('Pod')[0]!), status));
    }
    return { lab, begun };
  }
  const patient = { stuckPodGraceMs: 60_000 };

  it('fails the hook, which is stopped; its evidence is kept, and no Secret is told', async () => {
    const { lab } = await stuckLab([1_000, waiting('ErrImagePull')], [20_000, waiting('ImagePullBackOff')]);
    const { verdict } = settledOf(await lab.run(patient));
    expect(verdict).toMatchObject({
      outcome: 'failed',
      failure: {
        type: 'HookStuck',
        message: expect.stringMatching(
          /^hook Job shop\/db-migrate was stopped because its pod db-migrate-\S+ was stuck for 6\d s: container main can't start: ImagePullBackOff: \[redacted\] is no image$/,
        ) as string,
        remedy: expect.stringContaining('then sync again') as string,
      },
    });
    expect(lab.cluster.objects('Job')).toEqual([]);
    expect(lab.store.json(verdict.evidence!)).toMatchObject({ containers: [{ container: 'main' }] });
  });

  it('is waited for as long as the hook may run where nobody has asked to give up', async () => {
    const { lab } = await stuckLab([1_000, waiting('ImagePullBackOff')]);
    expect(settledOf(await lab.run()).verdict.failure?.type).toBe('HookTimedOut');
  });

  it('counts anew once it has passed', async () => {
    const { lab, begun } = await stuckLab(
      [1_000, waiting('ErrImagePull')],
      [50_000, { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, state: { running: {} } }] }],
      [56_000, waiting('ErrImagePull')],
    );
    const { verdict } = settledOf(await lab.run(patient));
    expect(verdict.failure?.type).toBe('HookStuck');
    expect(verdict.at - begun).toBeGreaterThan(115_000);
  });

  it('counts on for the worker that takes over', async () => {
    const { lab, begun } = await stuckLab([1_000, waiting('ImagePullBackOff')]);
    const first = activityRuntime({ run: 'run-1', now: () => lab.cluster.now() });
    lab.cluster.at(begun + 40_000, () => first.stop('left'));
    await expect(lab.run({ ...patient, runtime: first })).rejects.toThrow('left');
    const predecessor = first.heartbeats.at(-1)!;
    const second = activityRuntime({ run: 'run-1', now: () => lab.cluster.now(), predecessor });
    const { verdict } = settledOf(await lab.run({ ...patient, runtime: second }));
    expect(verdict.failure?.type).toBe('HookStuck');
    expect(verdict.at - begun).toBeLessThan(70_000);
  });

  it('is stopped by the settling too, where the worker died before it could', async () => {
    const { lab } = await stuckLab([1_000, waiting('ImagePullBackOff')]);
    await crashAt(lab, 'cluster.delete', 1, patient);
    expect(lab.cluster.objects('Job')).toHaveLength(1);
    await lab.settle();
    expect(lab.cluster.objects('Job')).toEqual([]);
  });
});

describe('why a hook does not succeed', () => {
  const podOf = (lab: HookLab) => uidOf(lab.cluster.objects('Pod')[0]!);
  const killed = {
    phase: 'Failed',
    containerStatuses: [
      {
        name: 'main',
        state: { terminated: { exitCode: 137, reason: 'OOMKilled', message: 'password hunter2-hunter2' } },
      },
    ],
  };

  it('is told by its pod, with what helps, where the Job only counts [argo 6.causes]', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'fail', afterMs: 10_000 };
    await lab.claim();
    lab.cluster.at(lab.cluster.now() + 9_000, () => lab.cluster.setStatus(podOf(lab), killed));
    const { verdict } = settledOf(await lab.run());
    expect(verdict.message).toMatch(/^container main failed with OOMKilled \(exit code 137\).*; BackoffLimitExceeded/);
    expect(verdict.failure?.remedy).toContain('resources.limits.memory');
    const evidence = lab.store.json(verdict.evidence!);
    expect(evidence).toMatchObject({
      containers: [{ state: expect.stringMatching(/^terminated: OOMKilled, exit code 137: password/) as string }],
    });
    expect(JSON.stringify([verdict, evidence])).not.toContain('hunter2');
  });

  it('is shown while the Job tries again', async () => {
    const lab = await hookLab({ manifest: migration({ backoffLimit: 2 }) });
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 20_000 };
    await lab.claim();
    lab.cluster.at(lab.cluster.now() + 5_000, () => lab.cluster.setStatus(podOf(lab), killed));
    const runtime = activityRuntime({ run: 'run-1', now: () => lab.cluster.now() });
    expect(settledOf(await lab.run({ runtime })).verdict.outcome).toBe('succeeded');
    expect(runtime.heartbeats.at(-1)).toMatchObject({
      problem: { reason: 'OOMKilled', message: expect.stringContaining('(try 1 of 3; the Job tries again)') as string },
    });
  });

  it('is told by the events of a pod that waits for its volume, while it waits and when its time is over', async () => {
    const lab = await hookLab({ deadlineMs: 30_000 });
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    lab.cluster.at(lab.cluster.now() + 1_000, () => {
      const involvedObject = { kind: 'Pod', name: 'db-migrate', uid: podOf(lab) };
      const metadata = { name: 'e1', namespace: 'shop' };
      const said = { type: 'Warning', reason: 'FailedMount', message: 'configmap "absent" not found' };
      lab.cluster.setStatus(podOf(lab), { phase: 'Pending', containerStatuses: [] });
      lab.cluster.plant({ apiVersion: 'v1', kind: 'Event', metadata, involvedObject, ...said });
    });
    const runtime = activityRuntime({ run: 'run-1', now: () => lab.cluster.now() });
    const { verdict } = settledOf(await lab.run({ runtime }));
    expect(runtime.heartbeats.at(-1)).toMatchObject({ problem: { reason: 'FailedMount' } });
    expect(verdict.failure).toMatchObject({
      type: 'HookTimedOut',
      message: expect.stringMatching(/was stopped: the pod can't start: configmap "absent" not found$/) as string,
      remedy: expect.stringMatching(/ConfigMap.*then sync again$/) as string,
    });
  });

  it('is in the log of a pod that the Job has deleted before it said that it failed', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'run' };
    lab.cluster.log = 'step 1\n';
    await lab.claim();
    const reason = { status: 'True', reason: 'DeadlineExceeded' };
    lab.cluster.at(lab.cluster.now() + 5_000, () => {
      lab.cluster.setStatus(lab.releases()[0]!, { conditions: [{ type: 'FailureTarget', ...reason }] });
    });
    lab.cluster.at(lab.cluster.now() + 6_000, () => {
      lab.cluster.log = '';
      lab.cluster.remove('Pod', stringAt(lab.cluster.objects('Pod')[0], 'metadata', 'name') ?? '');
      lab.cluster.setStatus(lab.releases()[0]!, { conditions: [{ type: 'Failed', ...reason }] });
    });
    const { verdict } = settledOf(await lab.run());
    expect(verdict.message).toContain('DeadlineExceeded');
    expect(lab.store.json(verdict.evidence!)).toMatchObject({
      containers: [{ container: 'main', log: { lines: ['step 1'] } }],
    });
  });

  it('took as long as was seen, although Kubernetes cuts the end to a whole second', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 700 };
    await lab.claim();
    const begun = lab.cluster.now();
    expect(settledOf(await lab.run()).verdict.at - begun).toBe(700);
  });
});

describe('a hook that is started and waited for later', () => {
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'shop' },
    spec: {},
  };
  const standing = { manifest: volume, runsToCompletion: false, deletePolicies: ['HookFailed'] } as const;

  it('is there once it is started, and its verdict comes with the second request', async () => {
    const lab = await hookLab(standing);
    await lab.claim();
    expect(await lab.start()).toEqual({ kind: 'started' });
    const live = lab.cluster.find('PersistentVolumeClaim', 'data')!;
    expect(await lab.ledger()).toMatchObject([{ uid: uidOf(live), gated: false }]);
    lab.cluster.at(lab.cluster.now() + 5_000, () => lab.cluster.setStatus(uidOf(live), { phase: 'Bound' }));
    expect(settledOf(await lab.run()).verdict.outcome).toBe('succeeded');
    expect(await lab.start()).toEqual({ kind: 'started' });
    expect(lab.cluster.objects('PersistentVolumeClaim').map(uidOf)).toEqual([uidOf(live)]);
  });

  it('is one Job, however often it is started', async () => {
    const lab = await hookLab();
    await lab.claim();
    for (let turn = 0; turn < 3; turn += 1) expect(await lab.start()).toEqual({ kind: 'started' });
    expect(settledOf(await lab.run()).attempt).toBe(1);
    expect(lab.releases()).toHaveLength(1);
  });

  it('is not started under an old epoch', async () => {
    const lab = await hookLab(standing);
    await lab.claim();
    await lab.claim({ run: 'run-2' });
    expect(await lab.start()).toEqual({ kind: 'fenced' });
    expect(lab.cluster.objects('PersistentVolumeClaim')).toEqual([]);
  });
});

describe('what is kept of it', () => {
  it('evidence holds the log without the values of Secrets, and stays when the store is collected [argo 6.kept-logs]', async () => {
    const lab = await hookLab();
    lab.cluster.log = 'connect postgres://shop:hunter2-hunter2@db\ndone\n';
    await lab.claim();
    const { verdict, uid } = settledOf(await lab.run());
    await lab.store.collect(0, new AbortController().signal);
    const kept = JSON.stringify(lab.store.json(verdict.evidence!));
    expect(kept).toContain('postgres://shop:[redacted]@db');
    expect(kept).not.toContain('hunter2');
    const evidence = [...lab.store.named].filter(([name]) => name.startsWith('evidence/'));
    expect(evidence).toEqual([[`evidence/model/shop/s1/${uid}.1`, [verdict.evidence]]]);
  });

  it('a TTL is withheld until the hook is settled, and given back then [argo 6.ttl]', async () => {
    const lab = await hookLab({ manifest: migration({ ttlSecondsAfterFinished: 30 }) });
    await lab.claim();
    await lab.run();
    const live = lab.cluster.find('Job', 'db-migrate')!;
    expect(numberAt(live, 'spec', 'ttlSecondsAfterFinished')).toBeUndefined();
    expect(annotationsOf(live)[TTL_ANNOTATION]).toBe('30');
    expect(await lab.settle()).toMatchObject({ kind: 'done', deleted: 0 });
    const settled = lab.cluster.find('Job', 'db-migrate')!;
    expect(numberAt(settled, 'spec', 'ttlSecondsAfterFinished')).toBe(30);
    expect(annotationsOf(settled)[TTL_ANNOTATION]).toBeUndefined();
    expect(await lab.settle()).toMatchObject({ kind: 'done', deleted: 0 });
  });

  it.each([
    ['succeed', ['HookSucceeded'], 1],
    ['succeed', ['HookFailed'], 0],
    ['fail', ['HookSucceeded'], 0],
    ['fail', ['HookFailed'], 1],
    ['fail', ['BeforeHookCreation'], 0],
  ] as const)(
    'a hook that is to %s with the policies %j: %i deleted [argo 2.6.HookSucceeded] [argo 2.6.HookFailed] [argo 2.6.no-default] [argo 5.31] [argo 5.32] [argo 5.59] [argo 6.own-outcome]',
    async (kind, deletePolicies, deleted) => {
      const lab = await hookLab({ deletePolicies });
      lab.cluster.behaviour = { kind, afterMs: 0 };
      await lab.claim();
      await lab.run();
      expect(await lab.settle()).toEqual({ kind: 'done', deleted, warnings: [] });
      expect(lab.cluster.objects('Job')).toHaveLength(1 - deleted);
      expect(await lab.settle()).toMatchObject({ kind: 'done', deleted: 0 });
    },
  );

  it('an object that somebody else put under the name of a settled hook is not deleted', async () => {
    const lab = await hookLab({ deletePolicies: ['HookSucceeded'] });
    await lab.claim();
    await lab.run();
    lab.cluster.remove('Job', 'db-migrate');
    lab.cluster.plant(migration());
    expect(await lab.settle()).toMatchObject({ kind: 'done', deleted: 0 });
    expect(lab.cluster.objects('Job')).toHaveLength(1);
  });
});

/** Runs the hook until the given call is made for the n-th time, and dies there without its effect. */
async function crashAt(
  lab: Awaited<ReturnType<typeof hookLab>>,
  call: string,
  nth = 1,
  actor: Actor = {},
): Promise<void> {
  let calls = 0;
  const before = (name: string) => {
    if (name === call && (calls += 1) >= nth) throw new Error('the worker died');
  };
  await expect(lab.run({ ...actor, through: { before } })).rejects.toThrow('the worker died');
}

it('looks again at a name whose creation is not answered, after a pause that grows', async () => {
  const lab = await hookLab();
  await lab.claim();
  const creations: number[] = [];
  const before = (call: string): void => {
    if (call !== 'cluster.create') return;
    creations.push(lab.cluster.now());
    if (creations.length < 6) throw new ConnectionError('the connection was cut');
  };
  const answer = settledOf(await lab.run({ through: { before } }));
  expect(answer.verdict.outcome).toBe('succeeded');
  const pauses = creations.slice(1).map((at, index) => at - creations[index]!);
  expect(pauses).toEqual([0, 0, 250, 500, 1_000]);
});
