import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../core/objects.ts';
import type { HookAnswer } from '../../../workflows/activities.ts';
import type { Moment } from '../../support/disturbances.ts';
import { dying, momentsOf } from '../../support/disturbances.ts';
import type { HookLab, LabHook } from '../../support/hook-lab.ts';
import { hookLab, migration } from '../../support/hook-lab.ts';

const POD: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'db-migrate', namespace: 'shop' },
  spec: { restartPolicy: 'Never', containers: [{ name: 'main' }] },
};

interface Scenario {
  readonly name: string;
  readonly hook?: LabHook;
  readonly prepare?: (lab: HookLab) => Promise<void>;
  readonly outcome: 'succeeded' | 'failed';
  /** How many runs there were before the hook's own. */
  readonly earlier?: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'a fresh Job', outcome: 'succeeded' },
  { name: 'a fresh Pod', hook: { manifest: POD }, outcome: 'succeeded' },
  {
    name: 'a Job that takes its time',
    outcome: 'succeeded',
    prepare: async ({ cluster }) => void (cluster.behaviour = { kind: 'succeed', afterMs: 20_000 }),
  },
  {
    name: 'a Job that fails',
    outcome: 'failed',
    prepare: async ({ cluster }) => void (cluster.behaviour = { kind: 'fail', afterMs: 2_000 }),
  },
  {
    name: 'a Job that runs into its deadline',
    hook: { deadlineMs: 10_000 },
    outcome: 'failed',
    prepare: async ({ cluster }) => void (cluster.behaviour = { kind: 'run' }),
  },
  {
    name: 'a finished predecessor of another sync',
    outcome: 'succeeded',
    earlier: 1,
    prepare: async (lab) => {
      await lab.claim({ run: 'run-0', syncId: 's0' });
      await lab.run({ run: 'run-0', syncId: 's0' });
      lab.cluster.advance(1_000);
    },
  },
];

async function labOf(scenario: Scenario): Promise<HookLab> {
  const lab = await hookLab(scenario.hook);
  await scenario.prepare?.(lab);
  await lab.claim();
  return lab;
}

async function momentsIn(scenario: Scenario): Promise<readonly Moment[]> {
  const lab = await labOf(scenario);
  return momentsOf((through) => lab.run({ through }));
}

function expectOneRun(lab: HookLab, answer: HookAnswer, scenario: Scenario, moment: unknown): void {
  const told = JSON.stringify(moment);
  expect(answer, told).toMatchObject({ kind: 'settled', attempt: 1, verdict: { outcome: scenario.outcome } });
  expect(lab.releases(), told).toHaveLength((scenario.earlier ?? 0) + 1);
  expect(lab.releases().at(-1), told).toBe(answer.kind === 'settled' ? answer.uid : '');
  expect(lab.gated(), told).toEqual([]);
}

describe('the worker dies at any call, before or after its effect', () => {
  it.each(SCENARIOS)('$name is still released once, and its verdict is right [argo 6.resume]', async (scenario) => {
    const moments = await momentsIn(scenario);
    expect(moments.length).toBeGreaterThan(20);
    for (const moment of moments) {
      const lab = await labOf(scenario);
      await lab.run({ through: dying(moment) }).catch(() => undefined);
      const answer = await lab.run();
      expectOneRun(lab, answer, scenario, moment);
      expect(await lab.ledger()).toHaveLength(1);
      await lab.store.collect(0, new AbortController().signal);
      if (answer.kind === 'settled')
        expect(lab.store.json(answer.verdict.evidence!)).toMatchObject({ uid: answer.uid });
    }
  });

  it('two deaths, at any two calls, make no second run either', async () => {
    const scenario = SCENARIOS[0]!;
    const moments = await momentsIn(scenario);
    for (const first of moments) {
      for (const second of moments) {
        const lab = await labOf(scenario);
        await lab.run({ through: dying(first) }).catch(() => undefined);
        await lab.run({ through: dying(second) }).catch(() => undefined);
        expectOneRun(lab, await lab.run(), scenario, [first, second]);
      }
    }
  });

  it.each(SCENARIOS)('$name is adopted by a run that follows a reset', async (scenario) => {
    for (const moment of await momentsIn(scenario)) {
      const lab = await labOf(scenario);
      const first = await lab.run({ through: dying(moment) }).catch(() => undefined);
      const known = (await lab.ledger())[0]?.verdict !== undefined;
      if (first !== undefined || (known && scenario.outcome === 'failed')) continue;
      await lab.claim({ run: 'run-2' });
      expectOneRun(lab, await lab.run({ run: 'run-2' }), scenario, moment);
      expect((await lab.ledger()).map(({ run }) => run)).toEqual([known ? 'run-1' : 'run-2']);
    }
  });

  it('what a dead worker left is stopped by an abort, whatever it was doing', async () => {
    const scenario: Scenario = {
      name: 'runs on',
      outcome: 'failed',
      prepare: async ({ cluster }) => void (cluster.behaviour = { kind: 'run' }),
    };
    for (const moment of await momentsIn(scenario)) {
      const lab = await labOf(scenario);
      const ended = await lab.run({ through: dying(moment) }).catch(() => undefined);
      if (ended !== undefined || (await lab.ledger())[0]?.verdict !== undefined) continue;
      await lab.stop();
      const told = JSON.stringify(moment);
      expect(lab.cluster.objects('Job'), told).toEqual([]);
      expect(
        (await lab.ledger()).map(({ verdict }) => verdict?.outcome),
        told,
      ).not.toContain(undefined);
    }
  });
});

describe('the worker dies while it stops the hooks of an aborted sync', () => {
  it('at any call: the next one stops them, and their evidence is the first one', async () => {
    const running = async () => {
      const lab = await hookLab();
      lab.cluster.behaviour = { kind: 'run' };
      lab.cluster.log = 'half way\n';
      await lab.claim();
      const moment = { call: 14, side: 'before' as const };
      await lab.run({ through: dying(moment) }).catch(() => undefined);
      expect(lab.releases()).toHaveLength(1);
      return lab;
    };
    const counted = await running();
    const moments = await momentsOf((through) => counted.stop({ through }));
    for (const moment of moments) {
      const lab = await running();
      const first = await lab.stop({ through: dying(moment) }).catch(() => undefined);
      const answer = first ?? (await lab.stop());
      if (answer.kind === 'fenced') {
        await lab.claimPhase();
        await lab.stop();
      }
      const told = JSON.stringify(moment);
      const [entry] = await lab.ledger();
      expect(entry?.verdict, told).toMatchObject({ outcome: 'aborted', failure: { type: 'Aborted' } });
      expect(lab.cluster.objects('Job'), told).toEqual([]);
      await lab.store.collect(0, new AbortController().signal);
      expect(JSON.stringify(lab.store.json(entry!.verdict!.evidence!)), told).toContain('half way');
    }
  });
});

describe('stopping', () => {
  it('leaves a hook that has ended as it is [argo 5.41]', async () => {
    const lab = await hookLab();
    await lab.claim();
    await lab.run();
    expect(await lab.stop()).toEqual({ kind: 'done', deleted: 0, warnings: [] });
    expect(lab.cluster.objects('Job')).toHaveLength(1);
    expect((await lab.ledger())[0]?.verdict?.outcome).toBe('succeeded');
  });

  it('takes the word of a hook that has ended meanwhile, and whose verdict nobody has written', async () => {
    const lab = await hookLab();
    await lab.claim();
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 0 };
    await lab.start();
    expect(await lab.stop()).toEqual({ kind: 'done', deleted: 0, warnings: [] });
    const [entry] = await lab.ledger();
    expect(entry).toMatchObject({ attempt: 1, verdict: { outcome: 'succeeded' } });
    await lab.store.collect(0, new AbortController().signal);
    expect(lab.store.json(entry!.verdict!.evidence!)).toBeDefined();
  });

  it('does nothing where the hook was never begun', async () => {
    const lab = await hookLab();
    await lab.claim();
    lab.cluster.plant(migration());
    expect(await lab.stop()).toEqual({ kind: 'done', deleted: 0, warnings: [] });
    expect(lab.cluster.objects('Job')).toHaveLength(1);
    expect(await lab.ledger()).toEqual([]);
  });

  it('does nothing under an epoch that is over', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'run' };
    await lab.claim();
    await lab.run({ through: dying({ call: 14, side: 'before' }) }).catch(() => undefined);
    await lab.claim({ run: 'run-2' });
    expect(await lab.stop()).toEqual({ kind: 'fenced' });
    expect(await lab.settle()).toEqual({ kind: 'fenced' });
    expect(lab.cluster.objects('Job')).toHaveLength(1);
  });
});
