import { describe, expect, it } from 'vitest';
import type { CompactHook, CompactPhase } from '../../../core/sync/compact-plan.ts';
import type { Failure } from '../../../core/failures.ts';
import type { HookAnswer, SegmentAnswer } from '../../../workflows/activities.ts';
import type { PhaseEffects, Settled } from '../../../workflows/interpreter/effects.ts';
import type { PhaseRun } from '../../../workflows/interpreter/phase-run.ts';
import { runPhaseWaves, stopPhase } from '../../../workflows/interpreter/phase.ts';
import { EndedEarly } from '../../../workflows/interpreter/safe-point.ts';
import { trackPhase } from '../../../workflows/interpreter/phase-tracker.ts';
import { aGate, aHook, aPhase, awaiting, batch, hooks } from '../../support/compact-plans.ts';

const FAILURE: Failure = { type: 'ApplyFailed', message: 'refused' };
const APPLIED: Settled<SegmentAnswer> = { kind: 'done', applied: 2, unchanged: 1, pruned: 0 };
const STANDING: Partial<CompactHook> = { runsToCompletion: false };

/** What a step does, by its name in the log; a step without a script succeeds at once. `end`: the phase is told to end meanwhile. */
type Script = Readonly<
  Record<string, 'fail' | 'refuse' | 'give up' | 'cancel' | 'end' | 'end and fail' | Promise<unknown>>
>;

interface Played {
  /** `> step` when a step begins, `< step` when it ends. */
  readonly log: readonly string[];
  readonly run: PhaseRun;
}

/** `before.tries`: how many attempts the record knows at the end of the first one. */
function play(
  plan: CompactPhase,
  script: Script = {},
  waits: PhaseRun['waits'] = () => true,
  before: { readonly tries?: number } = {},
): Played {
  const log: string[] = [];
  let clock = 0;
  let isEnding = false;
  const step = async (name: string): Promise<boolean> => {
    const isLeavable = /^(approve|health)/.test(name);
    if (isEnding && isLeavable) throw new EndedEarly();
    log.push(`> ${name}`);
    const what = script[name];
    await (typeof what === 'object' ? what : Promise.resolve());
    log.push(`< ${name}`);
    if (what === 'cancel') throw new Error('cancelled');
    if (what === 'end' || what === 'end and fail') isEnding = true;
    if (isEnding && isLeavable) throw new EndedEarly();
    return what !== 'fail' && what !== 'end and fail';
  };
  const failed = { kind: 'failed', failures: [FAILURE] } as const;
  const done = { kind: 'done', deleted: 0, warnings: [] } as const;
  const namesOf = (of: readonly CompactHook[]) => of.map(({ ref }) => ref.name).join(' ');
  const effects: PhaseEffects = {
    applySegment: async (wave, segment) =>
      (await step(`apply ${String(wave)}/${String(segment)}`)) ? APPLIED : failed,
    startHook: async ({ ref }) => ((await step(`start ${ref.name}`)) ? { kind: 'started' } : failed),
    runHook: async (hook, _wave, ask) => {
      const name = ask === 1 ? `hook ${hook.ref.name}` : `hook ${hook.ref.name} ${String(ask)}`;
      const succeeded = await step(name);
      if (script[name] === 'give up')
        return { kind: 'failed', failures: [{ type: 'ClusterUnavailable', message: 'no answer' }] };
      return script[name] === 'refuse'
        ? failed
        : verdictOf(hook, succeeded, before.tries === undefined ? undefined : before.tries + ask - 1);
    },
    awaitApproval: async ({ gate }) => {
      const approved = await step(`approve ${gate}`);
      if (script[`approve ${gate}`] === 'refuse') return undefined;
      const verdict = approved ? 'approved' : 'rejected';
      return { gate, verdict, by: 'ann', reason: 'because', at: 5 };
    },
    awaitHealthy: async (wave, _deadlineMs, _summary, segment) => {
      const place = segment === undefined ? String(wave) : `${String(wave)}/${String(segment)}`;
      return (await step(`health ${place}`)) ? { kind: 'healthy' } : failed;
    },
    settleHooks: async (of) => ((await step(`settle ${namesOf(of)}`)) ? done : failed),
    stopHooks: async (of) => ((await step(`stop ${namesOf(of)}`)) ? done : failed),
    pause: async (ms) => {
      await step(`pause ${String(ms)}`);
    },
    stopsUnanswered: () => true,
    isEnding: () => isEnding,
    now: () => (clock += 1),
  };
  const tracker = trackPhase(plan, () => undefined);
  return { log, run: { plan, effects, tracker, waits, approvalMs: 60_000, retryPauseMs: 5_000 } };
}

function verdictOf(hook: CompactHook, succeeded: boolean, tries?: number): Settled<HookAnswer> {
  const failure: Failure = { type: 'HookFailed', message: `hook ${hook.ref.name} failed` };
  const verdict = succeeded
    ? ({ outcome: 'succeeded', at: 20, message: 'done' } as const)
    : ({ outcome: 'failed', at: 20, message: 'exit code 1', failure } as const);
  return {
    kind: 'settled',
    uid: 'u',
    attempt: 3,
    startedAt: 10,
    gated: true,
    verdict,
    ...(tries === undefined ? {} : { tries }),
  };
}

const begun = ({ log }: Played) => log.filter((line) => line.startsWith('>')).map((line) => line.slice(2));

describe('the order of a phase', () => {
  it('is waves one after the other, and in a wave its segments, then health [argo 2.3.waits]', async () => {
    const played = play(
      aPhase('Sync', [batch({ kind: 'prune' }), batch(), hooks('a')], [batch(), hooks('b'), batch()]),
    );
    const outcome = await runPhaseWaves(played.run);
    expect(outcome.outcome).toBe('succeeded');
    expect(begun(played)).toEqual([
      'apply 0/0',
      'apply 0/1',
      'hook a',
      'health 0',
      'apply 1/0',
      'hook b',
      'apply 1/2',
      'health 1',
      'settle a b',
    ]);
  });

  it('starts no wave before every hook and the health of the one before have ended [argo 2.3.waits] [argo 5.6]', async () => {
    const slow = Promise.withResolvers<undefined>();
    const played = play(aPhase('Sync', [hooks('slow', 'quick'), batch()], [hooks('next')]), {
      'hook slow': slow.promise,
    });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(begun(played)).toEqual(['hook slow', 'hook quick', 'apply 0/1', 'health 0']);
    slow.resolve(undefined);
    await ending;
    expect(played.log.indexOf('> hook next')).toBeGreaterThan(played.log.indexOf('< hook slow'));
  });

  it('starts hooks of a kind side by side, once the kinds before them are applied [argo 2.4.kinds]', async () => {
    const apply = Promise.withResolvers<undefined>();
    const played = play(aPhase('Sync', [batch(), hooks('a', 'b')]), { 'apply 0/0': apply.promise });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(begun(played)).toEqual(['apply 0/0']);
    apply.resolve(undefined);
    await ending;
    expect(played.log.indexOf('> hook b')).toBeLessThan(played.log.indexOf('< hook a'));
  });

  it('lets a later kind begin while a hook runs to its completion', async () => {
    const migration = Promise.withResolvers<undefined>();
    const played = play(aPhase('PreSync', [hooks('migration'), batch()]), { 'hook migration': migration.promise });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(begun(played)).toContain('apply 0/1');
    migration.resolve(undefined);
    expect((await ending).outcome).toBe('succeeded');
  });

  it('has a hook without a verdict of its own done before the next kind [argo 6.prerequisites]', async () => {
    const config = aHook('config', { ...STANDING, settlesAtOnce: true });
    const applied = Promise.withResolvers<undefined>();
    const played = play(aPhase('PreSync', [hooks(config), hooks('migration')]), { 'hook config': applied.promise });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(begun(played)).toEqual(['hook config']);
    applied.resolve(undefined);
    await ending;
    expect(begun(played)).toEqual(['hook config', 'hook migration', 'settle migration']);
  });

  it('has a hook with a verdict and no end applied before the next kind, and waits for its verdict meanwhile', async () => {
    const ready = Promise.withResolvers<undefined>();
    const played = play(aPhase('PreSync', [hooks(aHook('volume', STANDING)), hooks('migration')]), {
      'hook volume': ready.promise,
    });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(begun(played)).toEqual(['start volume', 'hook volume', 'hook migration']);
    ready.resolve(undefined);
    await ending;
    expect(begun(played).at(-1)).toBe('settle migration');
  });

  it('cleans up nothing where no hook has ended', async () => {
    const played = play(aPhase('Sync', [batch()]));
    await runPhaseWaves(played.run);
    expect(begun(played)).toEqual(['apply 0/0', 'health 0']);
  });

  it.each([
    [
      [true, true],
      ['health 0', 'health 1'],
    ],
    [[true, false], ['health 0']],
    [[false, false], []],
  ])('waits for the health of waves as it is told: %j', async (waits, expected) => {
    const played = play(aPhase('Sync', [batch()], [batch()]), {}, (index) => waits[index] === true);
    await runPhaseWaves(played.run);
    expect(begun(played).filter((line) => line.startsWith('health'))).toEqual(expected);
  });

  it('is not over before its resources are healthy although its hooks have succeeded, where Argo CD waits no longer [argo 2.3.last-wave] [argo 5.55]', async () => {
    const health = Promise.withResolvers<undefined>();
    const played = play(aPhase('Sync', [batch(), hooks('a')]), { 'health 0': health.promise });
    let ended = false;
    const ending = runPhaseWaves(played.run).finally(() => (ended = true));
    await settleMicrotasks();
    expect([played.log.includes('< hook a'), ended]).toEqual([true, false]);
    health.resolve(undefined);
    expect((await ending).outcome).toBe('succeeded');
  });

  it('never asks for the health of a wave of hooks', async () => {
    const played = play(aPhase('PreSync', [hooks('a')]));
    await runPhaseWaves(played.run);
    expect(begun(played)).toEqual(['hook a', 'settle a']);
  });
});

describe('a wait within a wave', () => {
  it('lasts until the hooks and the resources that are needed have ended, and for no others', async () => {
    const [needed, other] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const played = play(aPhase('Sync', [batch(), hooks('needed', 'other'), awaiting(['needed'], 1), batch()]), {
      'hook needed': needed.promise,
      'hook other': other.promise,
    });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(begun(played)).toEqual(['apply 0/0', 'hook needed', 'hook other', 'health 0/2']);
    needed.resolve(undefined);
    await settleMicrotasks();
    expect(begun(played).slice(4)).toEqual(['apply 0/3', 'health 0']);
    other.resolve(undefined);
    const { outcome, status } = await ending;
    expect(outcome).toBe('succeeded');
    expect(status.waves[0]?.steps).toHaveLength(4);
  });

  it('asks for no health where only hooks are needed, and waits for resources also where the wave is not waited for', async () => {
    const played = play(
      aPhase('Sync', [batch(), hooks('a'), awaiting(['a']), batch(), awaiting([], 1), batch()]),
      {},
      () => false,
    );
    await runPhaseWaves(played.run);
    expect(begun(played)).toEqual(['apply 0/0', 'hook a', 'apply 0/3', 'health 0/4', 'apply 0/5', 'settle a']);
  });

  it.each([
    ['a hook', 'hook a'],
    ['the health', 'health 0/2'],
  ])('that ends with a failure of %s lets nothing more begin', async (_, failing) => {
    const played = play(aPhase('Sync', [batch(), hooks('a'), awaiting(['a'], 1), batch()]), { [failing]: 'fail' });
    expect((await runPhaseWaves(played.run)).outcome).toBe('failed');
    expect(begun(played)).not.toContain('apply 0/3');
  });

  it('that is cancelled passes through only when the hooks beside it have ended', async () => {
    const slow = Promise.withResolvers<undefined>();
    const played = play(aPhase('Sync', [batch(), hooks('slow'), awaiting([], 1), batch()]), {
      'hook slow': slow.promise,
      'health 0/2': 'cancel',
    });
    let ended = false;
    const rejected = expect(runPhaseWaves(played.run).finally(() => (ended = true))).rejects.toThrow('cancelled');
    await settleMicrotasks();
    expect(ended).toBe(false);
    slow.resolve(undefined);
    await rejected;
  });
});

describe('a failure in a phase', () => {
  it('of a prune starts no apply of its wave, and no later wave [argo 5.8] [argo 2.4.prune-failure]', async () => {
    const plan = aPhase('Sync', [batch({ kind: 'prune' }), batch()], [batch()]);
    const played = play(plan, { 'apply 0/0': 'fail' });
    expect((await runPhaseWaves(played.run)).failures).toEqual([FAILURE]);
    expect(begun(played)).toEqual(['apply 0/0']);
  });

  it('of a batch starts nothing more [argo 2.3.failure] [argo 2.4.failed-kind]', async () => {
    const played = play(aPhase('Sync', [batch(), hooks('a')], [hooks('b')]), { 'apply 0/0': 'fail' });
    const { outcome, failures } = await runPhaseWaves(played.run);
    expect([outcome, failures]).toEqual(['failed', [FAILURE]]);
    expect(begun(played)).toEqual(['apply 0/0']);
  });

  it('of a prune applies nothing behind it [argo 2.4.prune-failure] [argo 5.8]', async () => {
    const played = play(aPhase('Sync', [batch({ kind: 'prune' }), batch(), hooks('a')]), { 'apply 0/0': 'fail' });
    const { outcome, failures } = await runPhaseWaves(played.run);
    expect([outcome, failures]).toEqual(['failed', [FAILURE]]);
    expect(begun(played)).toEqual(['apply 0/0']);
  });

  it('of a batch waits for the hooks that run already, and asks for no health [argo 2.5.concurrent]', async () => {
    const slow = Promise.withResolvers<undefined>();
    const played = play(aPhase('Sync', [hooks('slow'), batch()]), { 'hook slow': slow.promise, 'apply 0/1': 'fail' });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(played.log).toContain('< apply 0/1');
    slow.resolve(undefined);
    const { outcome, counts } = await ending;
    expect([outcome, counts.hooks]).toEqual(['failed', 1]);
    expect(begun(played)).toEqual(['hook slow', 'apply 0/1', 'settle slow']);
  });

  it('of a hook waits for its peers, and both failures are told [argo 2.3.peers] [argo 5.58]', async () => {
    const slow = Promise.withResolvers<undefined>();
    const played = play(aPhase('PreSync', [hooks('bad', 'slow', 'worse')], [hooks('next')]), {
      'hook bad': 'fail',
      'hook slow': slow.promise,
      'hook worse': 'refuse',
    });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(played.log).toContain('< hook bad');
    slow.resolve(undefined);
    const { outcome, failures, status } = await ending;
    expect(outcome).toBe('failed');
    expect(failures.map(({ message }) => message)).toEqual(['hook bad failed', 'refused']);
    // One that was refused has no verdict by which it could be cleaned up.
    expect(begun(played).slice(3)).toEqual(['settle bad slow']);
    expect(status.waves.map(({ state }) => state)).toEqual(['failed', 'pending']);
    expect(status.waves[0]?.steps.map(({ state }) => state)).toEqual(['failed', 'succeeded', 'failed']);
  });

  it('of a hook cleans up after those that have ended only once its last peer has [argo 5.30]', async () => {
    const slow = Promise.withResolvers<undefined>();
    const played = play(aPhase('PreSync', [hooks('good', 'bad', 'slow')]), {
      'hook bad': 'fail',
      'hook slow': slow.promise,
    });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(played.log.slice(-2)).toEqual(['< hook good', '< hook bad']);
    slow.resolve(undefined);
    await ending;
    expect(played.log.slice(-3)).toEqual(['< hook slow', '> settle good bad slow', '< settle good bad slow']);
  });

  it('of a hook leaves what was applied before it as it is [argo 5.54]', async () => {
    const played = play(aPhase('Sync', [batch(), hooks('a')]), { 'hook a': 'fail' });
    const { outcome, counts } = await runPhaseWaves(played.run);
    expect([outcome, counts.applied]).toEqual(['failed', 2]);
    expect(begun(played).filter((line) => line.startsWith('apply'))).toEqual(['apply 0/0']);
  });

  it('of a hook that could not be applied leaves nothing to wait for', async () => {
    const played = play(aPhase('PreSync', [hooks(aHook('volume', STANDING)), hooks('migration')]), {
      'start volume': 'fail',
    });
    expect((await runPhaseWaves(played.run)).outcome).toBe('failed');
    expect(begun(played)).toEqual(['start volume']);
  });

  it('of health ends the phase after its wave', async () => {
    const played = play(aPhase('Sync', [batch()], [batch()]), { 'health 0': 'fail' });
    expect((await runPhaseWaves(played.run)).outcome).toBe('failed');
    expect(begun(played)).toEqual(['apply 0/0', 'health 0']);
  });

  it('in SyncFail does not silence the alerts of later waves [argo 2.5.SyncFail]', async () => {
    const played = play(aPhase('SyncFail', [hooks('mail')], [hooks('page')]), { 'hook mail': 'fail' });
    expect((await runPhaseWaves(played.run)).outcome).toBe('failed');
    expect(begun(played)).toEqual(['hook mail', 'hook page', 'settle mail page']);
  });

  it('in SyncFail of an alert that is refused stops none of the others [argo 5.27]', async () => {
    const played = play(aPhase('SyncFail', [hooks('mail', 'page')], [hooks('chat')]), { 'hook mail': 'refuse' });
    const { outcome, failures } = await runPhaseWaves(played.run);
    expect([outcome, failures]).toEqual(['failed', [FAILURE]]);
    expect(begun(played)).toEqual(['hook mail', 'hook page', 'hook chat', 'settle page chat']);
  });

  it('of the clean-up is a warning: what has succeeded stays so [argo 2.6.delete-error]', async () => {
    const played = play(aPhase('PreSync', [hooks('a')]), { 'settle a': 'fail' });
    expect(await runPhaseWaves(played.run)).toMatchObject({ outcome: 'succeeded', warnings: ['refused'] });
  });
});

describe('a hook that may be tried again', () => {
  it('has no more attempts in all than it may have, also where its phase begins anew', async () => {
    const flaky = aHook('a', { retries: 2 });
    const played = play(aPhase('Sync', [hooks(flaky)]), { 'hook a': 'fail', 'hook a 2': 'fail' }, undefined, {
      tries: 2,
    });
    await runPhaseWaves(played.run);
    expect(begun(played)).toEqual(['hook a', 'pause 5000', 'hook a 2', 'settle a']);
  });

  const phaseOf = (retries?: number) =>
    aPhase('PreSync', [hooks(aHook('a', retries === undefined ? {} : { retries }))]);

  it('is, after a pause that grows, until it succeeds; its failures are told with its status alone', async () => {
    const played = play(phaseOf(3), { 'hook a': 'fail', 'hook a 2': 'fail' });
    const { outcome, failures, status, counts } = await runPhaseWaves(played.run);
    expect([outcome, failures, counts.hooks]).toEqual(['succeeded', [], 1]);
    expect(begun(played)).toEqual(['hook a', 'pause 5000', 'hook a 2', 'pause 10000', 'hook a 3', 'settle a']);
    expect(status.waves[0]?.steps).toMatchObject([
      { state: 'succeeded', retries: 3, spent: [{ message: 'exit code 1' }, { message: 'exit code 1' }] },
    ]);
  });

  it('fails with its last attempt when all are spent, and with what refused one', async () => {
    const spent = play(phaseOf(1), { 'hook a': 'fail', 'hook a 2': 'fail' });
    expect(await runPhaseWaves(spent.run)).toMatchObject({ outcome: 'failed', failures: [{ type: 'HookFailed' }] });
    expect(begun(spent)).toEqual(['hook a', 'pause 5000', 'hook a 2', 'settle a']);
    const refused = play(phaseOf(5), { 'hook a': 'fail', 'hook a 2': 'refuse' });
    expect((await runPhaseWaves(refused.run)).failures).toEqual([FAILURE]);
    expect(begun(refused)).toEqual(['hook a', 'pause 5000', 'hook a 2', 'settle a']);
  });

  it('is not, where it says nothing of it', async () => {
    const played = play(phaseOf(), { 'hook a': 'fail' });
    await runPhaseWaves(played.run);
    expect(begun(played)).toEqual(['hook a', 'settle a']);
  });

  it('is stopped in its pause', async () => {
    const played = play(phaseOf(2), { 'hook a': 'fail', 'pause 5000': 'cancel' });
    await expect(runPhaseWaves(played.run)).rejects.toThrow('cancelled');
    expect(begun(played)).toEqual(['hook a', 'pause 5000']);
  });
});

describe('a hook whose wait was given up', () => {
  it('is stopped before its phase has failed, since it may run on', async () => {
    const played = play(aPhase('Sync', [hooks('a', 'b')], [batch()]), { 'hook b': 'give up' });
    const outcome = await runPhaseWaves(played.run);
    expect(outcome).toMatchObject({ outcome: 'failed', failures: [{ type: 'ClusterUnavailable' }] });
    expect(begun(played)).toEqual(['hook a', 'hook b', 'stop b', 'settle a']);
  });
});

describe('a cancellation of a phase', () => {
  it.each([
    ['a batch', aPhase('Sync', [hooks('slow'), batch()]), 'apply 0/1'],
    [
      'a hook without a verdict of its own',
      aPhase('Sync', [hooks('slow'), hooks(aHook('config', { ...STANDING, settlesAtOnce: true }))]),
      'hook config',
    ],
    ['a hook that is applied', aPhase('Sync', [hooks('slow'), hooks(aHook('volume', STANDING))]), 'start volume'],
    ['the health', aPhase('Sync', [hooks('slow'), batch()]), 'health 0'],
  ])('that ends %s passes through only when the hooks beside it have ended', async (_, plan, cancelled) => {
    const slow = Promise.withResolvers<undefined>();
    const played = play(plan, { 'hook slow': slow.promise, [cancelled]: 'cancel' });
    let ended = false;
    const ending = runPhaseWaves(played.run).finally(() => (ended = true));
    const rejected = expect(ending).rejects.toThrow('cancelled');
    await settleMicrotasks();
    expect([played.log.includes(`< ${cancelled}`), ended]).toEqual([true, false]);
    slow.resolve(undefined);
    await rejected;
    expect(begun(played).filter((line) => line.startsWith('settle'))).toEqual([]);
  });

  it('that ends one of two hooks being applied passes through only when the other has ended', async () => {
    const other = Promise.withResolvers<undefined>();
    const plan = aPhase('Sync', [hooks(aHook('one', STANDING), aHook('two', STANDING))]);
    const played = play(plan, { 'start one': 'cancel', 'start two': other.promise });
    let ended = false;
    const rejected = expect(runPhaseWaves(played.run).finally(() => (ended = true))).rejects.toThrow('cancelled');
    await settleMicrotasks();
    expect(ended).toBe(false);
    other.resolve(undefined);
    await rejected;
  });

  it('stops every hook, then cleans up after those with an end, and marks what ran [argo 2.7.running] [argo 2.7.completed] [argo 5.42]', async () => {
    const never = new Promise<never>(() => undefined);
    const plan = aPhase(
      'Sync',
      [hooks(aHook('config', { ...STANDING, settlesAtOnce: true })), hooks('quick', 'slow'), batch()],
      [hooks('later')],
    );
    const played = play(plan, { 'hook slow': never, 'apply 0/2': never });
    void runPhaseWaves(played.run);
    await settleMicrotasks();
    const outcome = await stopPhase(played.run);
    expect(begun(played).slice(-2)).toEqual(['stop config quick slow later', 'settle quick slow later']);
    expect(outcome).toMatchObject({ outcome: 'aborted', failures: [], counts: { hooks: 2 } });
    expect(outcome.status).toMatchObject({ state: 'aborted' });
    expect(outcome.status.waves.map(({ state }) => state)).toEqual(['aborted', 'pending']);
    expect(outcome.status.waves[0]?.steps.map(({ state }) => state)).toEqual([
      'succeeded',
      'succeeded',
      'aborted',
      'aborted',
    ]);
  });

  it('says what could not be stopped [argo 5.43]', async () => {
    const played = play(aPhase('Sync', [hooks('slow')]), { 'stop slow': 'fail', 'settle slow': 'fail' });
    expect(await stopPhase(played.run)).toMatchObject({
      outcome: 'aborted',
      failures: [FAILURE],
      warnings: ['refused'],
    });
  });

  it('of a phase without hooks stops nothing', async () => {
    const played = play(aPhase('Sync', [batch()]));
    expect((await stopPhase(played.run)).outcome).toBe('aborted');
    expect(played.log).toEqual([]);
  });
});

describe('a phase that is told to end', () => {
  const resources = aPhase('Sync', [hooks('a'), batch()], [hooks('b')]);

  it.each([
    ['while a hook runs', 'hook a', aPhase('Sync', [hooks('a'), awaiting(['a']), batch()]), ['hook a', 'settle a']],
    ['while a batch is applied', 'apply 0/1', resources, ['hook a', 'apply 0/1', 'settle a']],
    ['while health is waited for', 'health 0', resources, ['hook a', 'apply 0/1', 'health 0', 'settle a']],
  ] as const)('begins nothing more and cleans up after its hooks, %s', async (_, step, plan, expected) => {
    const played = play(plan, { [step]: 'end' });
    const outcome = await runPhaseWaves(played.run);
    expect(outcome.outcome).toBe('superseded');
    expect(begun(played)).toEqual(expected);
    expect(outcome.status.waves.map(({ state }) => state)).toEqual(['aborted', 'pending'].slice(0, plan.waves.length));
  });

  it('does nothing of a wave that waits for its approval', async () => {
    const played = play(aGate(aPhase('Sync', [hooks('a')]), 0), { 'approve Sync/0': 'end' });
    expect(await runPhaseWaves(played.run)).toMatchObject({
      outcome: 'superseded',
      status: { waves: [{ state: 'skipped' }] },
    });
    expect(begun(played)).toEqual(['approve Sync/0']);
  });

  it.each([
    ['meanwhile', { 'hook a': 'end and fail' }, ['hook a', 'settle a']],
    ['before its next attempt', { 'hook a': 'fail', 'pause 5000': 'end' }, ['hook a', 'pause 5000', 'settle a']],
  ] as const)(
    'tries a hook that has failed %s no second time, and tells why it failed',
    async (_, script, expected) => {
      const played = play(aPhase('Sync', [hooks(aHook('a', { retries: 2 }))], [hooks('b')]), script);
      const outcome = await runPhaseWaves(played.run);
      expect(outcome).toMatchObject({
        failures: [{ type: 'HookFailed' }],
        status: { waves: [{ steps: [{ state: 'failed', message: 'exit code 1' }] }, {}] },
      });
      expect(begun(played)).toEqual(expected);
    },
  );
});

describe('the status of a phase', () => {
  it('tells of each hook what its answer said', async () => {
    const played = play(aPhase('PreSync', [hooks('a')]), { 'hook a': 'fail' });
    const { status, counts } = await runPhaseWaves(played.run);
    expect(status.waves[0]?.steps).toMatchObject([
      { state: 'failed', attempt: 3, startedAt: 10, finishedAt: 20, message: 'exit code 1', guarantee: 'exactly-once' },
    ]);
    expect(counts).toEqual({ applied: 0, unchanged: 0, pruned: 0, hooks: 1 });
  });

  it('counts what was applied over all waves', async () => {
    const played = play(aPhase('Sync', [batch(), batch()], [batch(), hooks('a')]));
    const { counts, status } = await runPhaseWaves(played.run);
    expect(counts).toEqual({ applied: 6, unchanged: 3, pruned: 0, hooks: 1 });
    expect(status.waves.flatMap(({ steps }) => steps.map(({ state }) => state))).toEqual(Array(4).fill('succeeded'));
    expect(status.startedAt).toBeLessThan(status.finishedAt!);
  });
});

/** Lets everything go on that waits for nothing but promises. */
async function settleMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}

describe('a wave that needs an approval', () => {
  it('begins with nothing, prunes neither, before it is approved [argo 5.16] [argo 2.4.confirm]', async () => {
    const decision = Promise.withResolvers<undefined>();
    const plan = aGate(aPhase('Sync', [batch()], [batch({ kind: 'prune' }), batch(), hooks('a')]), 1);
    const played = play(plan, { 'approve Sync/1': decision.promise });
    const ending = runPhaseWaves(played.run);
    await settleMicrotasks();
    expect(begun(played)).toEqual(['apply 0/0', 'health 0', 'approve Sync/1']);
    expect(played.run.tracker.snapshot().waves[1]).toMatchObject({
      state: 'waiting',
      approval: { gate: 'Sync/1', state: 'waiting', deadlineMs: 60_000 },
      steps: [{ state: 'pending' }, { state: 'pending' }, { state: 'pending' }],
    });
    decision.resolve(undefined);
    expect(await ending).toMatchObject({
      outcome: 'succeeded',
      status: { waves: [{}, { state: 'succeeded', approval: { state: 'approved', decision: { by: 'ann' } } }] },
    });
    expect(begun(played).slice(3)).toEqual(['apply 1/0', 'apply 1/1', 'hook a', 'health 1', 'settle a']);
  });

  it.each([
    ['rejected', 'fail', { type: 'ApprovalRejected', message: 'Sync wave 0 was rejected by ann: because' }],
    [
      'expired',
      'refuse',
      {
        type: 'ApprovalTimedOut',
        message: 'nobody approved Sync wave 0 within 1 min (syncline.dev/approval on Job/a)',
      },
    ],
  ] as const)('fails with nothing done when it is %s, and ends its phase', async (state, script, failure) => {
    const plan = aGate(aPhase('Sync', [batch()], [batch()]), 0);
    const played = play(plan, { 'approve Sync/0': script });
    const outcome = await runPhaseWaves(played.run);
    expect(outcome).toMatchObject({ outcome: 'failed', failures: [failure] });
    expect(outcome.status.waves).toMatchObject([
      { state: 'failed', approval: { state }, steps: [{ state: 'pending' }] },
      { state: 'pending' },
    ]);
    expect(begun(played)).toEqual(['approve Sync/0']);
  });

  it('is skipped, not aborted, when the sync is stopped while it waits', async () => {
    const played = play(aGate(aPhase('Sync', [hooks('a')]), 0), { 'approve Sync/0': 'cancel' });
    await expect(runPhaseWaves(played.run)).rejects.toThrow('cancelled');
    const outcome = await stopPhase(played.run);
    expect(outcome.status.waves).toMatchObject([{ state: 'skipped', steps: [{ state: 'pending' }] }]);
  });
});
