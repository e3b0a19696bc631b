import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Phase } from '../../core/phases.ts';
import type { SyncResult } from '../../core/sync/status.ts';
import type { PhaseStatus } from '../../core/sync/status.ts';
import {
  abortSignal,
  abortUpdate,
  approveUpdate,
  rejectUpdate,
  statusQuery,
  supersedeSignal,
} from '../../workflows/messages.ts';
import { aGate, aHook, aPhase, aPlan, batch, fullPlan, hooks } from '../support/compact-plans.ts';
import { eventsWith, resetTo } from '../support/resets.ts';
import { failureOf } from '../support/sync-endings.ts';
import { SYNC_SCENARIOS } from '../support/sync-scenarios.ts';
import type { LabSync, WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

let lab: WorkflowLab;
beforeAll(async () => {
  lab = await openWorkflowLab();
});
afterAll(() => lab.close());

function phasesRun(sync: LabSync): readonly Phase[] {
  const hooksRun = sync.application.calls.filter((call) => call.includes('runHook')).map((call) => call.split(' ')[0]);
  return [...new Set(hooksRun)] as readonly Phase[];
}

/** What was asked last; a worker hears late that the hook of a run which is over was cancelled. */
function lastOf({ application }: LabSync): string | undefined {
  return application.calls.findLast((call) => call !== 'cancelled');
}

describe.concurrent('a cluster that does not answer', () => {
  it('holds up an abort no longer than its steps may take', async () => {
    const script = { plan: fullPlan(), hooks: { 'db-migrate': 'wait' }, lostOnCancel: true } as const;
    const sync = await lab.start('unreachable', script, { stopWithinMs: 1_000 });
    await sync.application.called('PreSync runHook db-migrate');
    const startedAt = Date.now();
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    const { result } = await failureOf(sync);
    expect(Date.now() - startedAt).toBeLessThan(60_000);
    expect(result).toMatchObject({ outcome: 'Aborted', phases: [{ state: 'aborted' }, {}, {}, {}] });
    expect(result.failures.map(({ type }) => type)).toEqual(['ClusterUnavailable', 'Aborted', 'ClusterUnavailable']);
  });
});

describe.concurrent('SyncFail hooks', () => {
  it.each(['abort', 'cancel'] as const)('that run are stopped by an %s, which leaves the sync failed', async (how) => {
    const hanging = { 'db-migrate': 'fail', alert: 'wait' } as const;
    const sync = await lab.start(`alert-${how}`, { plan: fullPlan(), hooks: hanging });
    await sync.application.called('SyncFail runHook alert');
    if (how === 'abort') await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    else await sync.handle.cancel();
    const { result } = await failureOf(sync);
    expect(result).toMatchObject({ outcome: 'Failed', phases: [{}, {}, {}, { phase: 'SyncFail', state: 'aborted' }] });
    expect(result.warnings).toEqual([expect.stringContaining('The SyncFail hooks were stopped')]);
    const ending = sync.application.calls.filter((call) => /^(?!fenced).*(stopHooks|finishSync)/.test(call));
    expect(ending).toEqual(['SyncFail stopHooks alert', 'finishSync Failed']);
  });
});

describe.concurrent('a sync that succeeds', () => {
  it('runs the phases one after the other and tells the result [argo 5.25]', async () => {
    const sync = await lab.start('success', { plan: fullPlan() });
    const result = await sync.handle.result();
    expect(result).toMatchObject({
      outcome: 'Succeeded',
      state: 'succeeded',
      number: 7,
      failures: [],
      counts: { applied: 4, unchanged: 2, pruned: 0, hooks: 3 },
    });
    expect(result.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'PreSync succeeded',
      'Sync succeeded',
      'PostSync succeeded',
      'SyncFail skipped',
    ]);
    expect(sync.application.calls.filter((call) => !/claim|ended|fenced|awaitHealthy 1/.test(call))).toEqual([
      'planSync',
      'PreSync runHook db-migrate',
      'PreSync settleHooks db-migrate',
      'Sync applySegment 0/0',
      'Sync awaitHealthy 0',
      'Sync applySegment 1/0',
      'Sync runHook seed',
      'Sync settleHooks seed',
      'PostSync runHook smoke',
      'PostSync settleHooks smoke',
      'finishSync Succeeded verified',
    ]);
  });

  it('can be found by its search attributes', async () => {
    const sync = await lab.start('indexed', { plan: fullPlan() });
    await sync.handle.result();
    const { typedSearchAttributes } = await sync.handle.describe();
    const told = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    expect(Object.fromEntries(told)).toMatchObject({ SynclineOutcome: 'Succeeded', SynclinePhase: 'PostSync' });
  });

  it('stops after the plan in a dry run [argo 2.4.operation-dry-run]', async () => {
    const sync = await lab.start('dry', { plan: fullPlan() }, { dryRun: true });
    expect(await sync.handle.result()).toMatchObject({
      outcome: 'Succeeded',
      phases: [{ state: 'skipped' }, {}, {}, {}],
    });
    expect(sync.application.calls).toEqual(['planSync']);
  });

  it('does not wait for the health of the last wave alone where it is told not to [argo 2.3.last-wave] [argo 5.5] [argo 5.62]', async () => {
    const plan = aPlan(
      aPhase('PreSync', [batch()]),
      aPhase('Sync', [batch()], [batch()]),
      aPhase('SyncFail', [hooks('alert')]),
    );
    const sync = await lab.start('unwaited', { plan }, { wait: false });
    await sync.handle.result();
    const awaited = sync.application.calls.filter((call) => call.includes('awaitHealthy'));
    expect(awaited).toEqual(['PreSync awaitHealthy 0', 'Sync awaitHealthy 0']);
  });

  it('keeps its histories within 60 events, 20 a wave and 10 a hook', async () => {
    const wide = aPlan(
      aPhase('PreSync', [hooks('m1')], [hooks('m2')], [hooks('m3')]),
      aPhase('Sync', ...Array.from({ length: 5 }, () => [batch({ count: 40 })])),
      aPhase('PostSync', [hooks('smoke')]),
    );
    const plans = [
      ['history-small', aPlan(aPhase('Sync', [batch()])), 1, 0],
      ['history-full', fullPlan(), 4, 3],
      ['history-wide', wide, 9, 4],
    ] as const;
    const counted = plans.map(async ([name, plan, waves, hookCount]) => {
      const sync = await lab.start(name, { plan });
      const { phases } = await sync.handle.result();
      const children = phases.filter(({ state }) => state !== 'skipped').map(({ phase }) => sync.phase(phase));
      const histories = await Promise.all([sync.handle, ...children].map((handle) => handle.fetchHistory()));
      const events = histories.reduce((sum, { events }) => sum + (events?.length ?? 0), 0);
      const limit = 60 + 20 * waves + 10 * hookCount;
      const figure = `${name}: ${String(events)} events, limit ${String(limit)}`;
      expect(events, figure).toBeLessThanOrEqual(limit);
      return figure;
    });
    const figures = await Promise.all(counted);
    console.info(figures.join('\n'));
  });
});

describe.concurrent('a sync that fails', () => {
  it('by a hook: the alerts run, nothing after it, and the workflow closes as failed with the result [argo 2.5.triggers] [argo 5.26] [argo 2.8.retry-limit]', async () => {
    const sync = await lab.start('hook-fails', { plan: fullPlan(), hooks: { 'db-migrate': 'fail' } });
    const { type, result } = await failureOf(sync);
    expect(type).toBe('SyncFailed');
    expect(result).toMatchObject({ outcome: 'Failed', failures: [{ type: 'HookFailed' }] });
    expect(result.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'PreSync failed',
      'Sync skipped',
      'PostSync skipped',
      'SyncFail succeeded',
    ]);
    expect(phasesRun(sync)).toEqual(['PreSync', 'SyncFail']);
    expect(sync.application.calls.at(-1)).toBe('finishSync Failed');
    expect(sync.application.calls.filter((call) => call === 'planSync')).toHaveLength(1);
  });

  it('by a batch that was applied in part: the alerts run', async () => {
    const plan = aPlan(aPhase('Sync', [batch(), hooks('seed')]), aPhase('SyncFail', [hooks('alert')]));
    const sync = await lab.start('batch-fails', { plan, batch: 'fail' });
    const { result } = await failureOf(sync);
    expect(result.failures).toMatchObject([{ type: 'ApplyFailed' }]);
    expect(phasesRun(sync)).toEqual(['SyncFail']);
    expect(result.phases[0]?.waves[0]?.steps.map(({ state }) => state)).toEqual(['failed', 'skipped']);
  });

  it('by a resource that is not healthy: no PostSync hook is begun, and the alerts run [argo 5.56]', async () => {
    const healthFailures = [{ type: 'ResourceDegraded' as const, message: 'the Pod failed' }];
    const sync = await lab.start('unhealthy', { plan: fullPlan(), healthFailures });
    expect((await failureOf(sync)).result.failures).toEqual(healthFailures);
    expect(phasesRun(sync)).toEqual(['PreSync', 'SyncFail']);
  });

  it('and whose alert fails too: tells both, each with its object, the cause first, where Argo CD joins messages [argo 2.5.reasons] [argo 5.37]', async () => {
    const hooksOf = { 'db-migrate': 'fail', alert: 'fail' } as const;
    const sync = await lab.start('alert-fails', { plan: fullPlan(), hooks: hooksOf });
    const objects = (await failureOf(sync)).result.failures.map(({ object }) => object);
    expect(objects).toEqual(['Job shop/db-migrate', 'Job shop/alert']);
  });

  it('by an activity that Temporal gives up: its type of failure is kept', async () => {
    const sync = await lab.start('batch-throws', { plan: aPlan(aPhase('Sync', [batch()])), batch: 'throw' });
    expect((await failureOf(sync)).result.failures).toEqual([{ type: 'Forbidden', message: 'no such verb' }]);
  });

  it('by an invalid plan: nothing is claimed, no alert runs [argo 2.2.failure] [argo 2.5.not-triggered]', async () => {
    const planFailures = [{ type: 'InvalidManifest' as const, message: 'no kind' }];
    const sync = await lab.start('plan-fails', { plan: fullPlan(), planFailures });
    const { type, result } = await failureOf(sync);
    expect(type).toBe('SyncFailed');
    expect(result.failures).toEqual(planFailures);
    expect(sync.application.calls).toEqual(['planSync']);
  });

  it('by a refused claim: no phase and no alert runs, and nothing is finished', async () => {
    const claimFailures = [{ type: 'HeldElsewhere' as const, message: 'held' }];
    const sync = await lab.start('claim-fails', { plan: fullPlan(), claimFailures });
    expect((await failureOf(sync)).result.failures).toEqual(claimFailures);
    expect(sync.application.calls).toEqual(['planSync', 'claim root']);
  });

  it('because somebody terminated a phase: it is still concluded', async () => {
    const sync = await lab.start('child-ends', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    await sync.phase('PreSync').terminate('by hand');
    const { result } = await failureOf(sync);
    expect(result).toMatchObject({ outcome: 'Failed', failures: [{ type: 'Aborted' }] });
    expect(lastOf(sync)).toBe('finishSync Failed');
  });
});

describe.concurrent('a sync that is aborted', () => {
  it.each([
    [
      'an update',
      'abort-update',
      (sync: LabSync) => sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann', reason: 'wrong one' }] }),
    ],
    [
      'a signal',
      'abort-signal',
      (sync: LabSync) => sync.handle.signal(abortSignal, { by: 'ann', reason: 'wrong one' }),
    ],
  ])(
    'by %s in the middle of a hook: the hook is stopped, no alert runs [argo 2.5.not-triggered] [argo 2.7.outcome] [argo 5.49]',
    async (_, name, abort) => {
      const sync = await lab.start(name, { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
      await sync.application.called('PreSync runHook db-migrate');
      await abort(sync);
      const { type, result } = await failureOf(sync);
      expect(type).toBe('Aborted');
      expect(result.failures).toEqual([
        { type: 'Aborted', message: `the sync of ${name} was aborted by ann: wrong one` },
      ]);
      expect(result.phases[0]).toMatchObject({
        state: 'aborted',
        waves: [{ state: 'aborted', steps: [{ state: 'aborted' }] }],
      });
      const { calls } = sync.application;
      expect(calls.indexOf('PreSync stopHooks db-migrate')).toBeGreaterThan(calls.indexOf('cancelled'));
      expect(phasesRun(sync)).toEqual(['PreSync']);
      expect(calls.at(-1)).toBe('finishSync Aborted');
    },
  );

  it('by a signal with nothing, or with nonsense, in it', async () => {
    const signals = [
      ['abort-nothing', undefined],
      ['abort-nonsense', { kind: 'timed-out', limitMs: 'x', by: 7 }],
      ['abort-text', 'stop it'],
    ] as const;
    const aborted = signals.map(async ([name, nonsense]) => {
      const sync = await lab.start(name, { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
      await sync.application.called('PreSync runHook db-migrate');
      await sync.handle.signal('abort', ...(nonsense === undefined ? [] : [nonsense]));
      const { type, result } = await failureOf(sync);
      expect([type, result.failures[0]?.message]).toEqual(['Aborted', `the sync of ${name} was aborted by a signal`]);
    });
    await Promise.all(aborted);
  });

  it('by a cancellation in Temporal: the same, with the result', async () => {
    const sync = await lab.start('cancel', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    await sync.handle.cancel();
    const { type, result } = await failureOf(sync);
    expect(type).toBe('Aborted');
    expect(result.failures[0]?.message).toContain('aborted by Temporal');
    expect(phasesRun(sync)).toEqual(['PreSync']);
    expect(sync.application.calls.at(-1)).toBe('finishSync Aborted');
  });

  it('runs its alerts where that was asked for [argo 2.5.not-triggered]', async () => {
    const script = { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } } as const;
    const sync = await lab.start('abort-alerts', script, { syncFailOnAbort: true });
    await sync.application.called('PreSync runHook db-migrate');
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    expect((await failureOf(sync)).result.outcome).toBe('Aborted');
    expect(phasesRun(sync)).toEqual(['PreSync', 'SyncFail']);
  });

  it('in a batch beside a running hook: nothing is stopped before both have ended', async () => {
    const plan = aPlan(aPhase('Sync', [hooks('long'), batch()]));
    const sync = await lab.start('abort-batch', { plan, batch: 'wait', hooks: { long: 'wait' } });
    await Promise.all([sync.application.called('Sync runHook long'), sync.application.called('Sync applySegment 0/1')]);
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    const { result } = await failureOf(sync);
    const { calls } = sync.application;
    expect(calls.indexOf('Sync stopHooks long')).toBeGreaterThan(calls.lastIndexOf('cancelled'));
    expect(calls.filter((call) => call === 'cancelled')).toHaveLength(2);
    expect(result.phases[0]?.waves[0]?.steps.map(({ state }) => state)).toEqual(['aborted', 'aborted']);
  });

  it('says so where a hook could not be stopped', async () => {
    const stopFailures = [{ type: 'Forbidden' as const, message: 'no delete' }];
    const sync = await lab.start('abort-unstopped', {
      plan: fullPlan(),
      hooks: { 'db-migrate': 'wait' },
      stopFailures,
    });
    await sync.application.called('PreSync runHook db-migrate');
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    expect((await failureOf(sync)).result.failures).toContainEqual(stopFailures[0]);
  });

  it('only by somebody who says who', async () => {
    const sync = await lab.start('abort-unnamed', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    for (const args of [[{ by: '' }], [{}], [undefined], ['ann']]) {
      await expect(sync.handle.executeUpdate<unknown, [unknown]>('abort', { args: args as [unknown] })).rejects.toThrow(
        WorkflowUpdateFailedError,
      );
    }
    sync.application.finish();
    expect((await sync.handle.result()).outcome).toBe('Succeeded');
  });
});

describe.concurrent('the record in other hands', () => {
  it('is claimed again, once for hooks that find out side by side, and they are repeated', async () => {
    const plan = aPlan(aPhase('PreSync', [hooks('a', 'b')]));
    const sync = await lab.start('fenced', { plan, fencedHooks: 2 });
    expect((await sync.handle.result()).outcome).toBe('Succeeded');
    const { calls } = sync.application;
    // One claim of the root and one of the phase at the start; then one for the fence, and the root's own for the end.
    expect(calls.filter((call) => call === 'claim phase')).toHaveLength(2);
    expect(calls.filter((call) => call === 'claim root')).toHaveLength(2);
    expect(calls.filter((call) => call.startsWith('PreSync ended'))).toHaveLength(2);
  });

  it('time and again, ends the sync', async () => {
    const plan = aPlan(aPhase('PreSync', [hooks('a')]));
    const sync = await lab.start('fenced-for-ever', { plan, fencedHooks: 1_000 });
    expect((await failureOf(sync)).result.failures).toMatchObject([{ type: 'Superseded' }]);
  });
});

describe.concurrent('a running sync', () => {
  it('is the lock of its application', async () => {
    const sync = await lab.start('locked', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    const { application } = sync;
    await expect(lab.start('locked', { plan: fullPlan() })).rejects.toThrow(WorkflowExecutionAlreadyStartedError);
    await sync.handle.cancel();
    application.finish();
    await expect(sync.handle.result()).rejects.toThrow();
  });

  it('tells where it stands, and so does its phase, where Argo CD has one message for all [argo 5.33]', async () => {
    const standing = aHook('settings', { runsToCompletion: false, settlesAtOnce: true });
    const plan = aPlan(
      aPhase('PreSync', [hooks(standing), hooks('db-migrate')], [hooks('later')]),
      aPhase('Sync', [batch()]),
    );
    const sync = await lab.start('status', { plan, hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    const root = await sync.handle.query(statusQuery);
    expect(root).toMatchObject({ state: 'running', number: 7, plan: 'sha256:plan' });
    expect(root.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual(['PreSync running', 'Sync pending']);
    const phase = await sync.phase('PreSync').query<PhaseStatus>('status');
    expect(phase.waves).toMatchObject([
      { state: 'running', steps: [{ state: 'succeeded', attempt: 1 }, { state: 'running' }] },
      { state: 'pending', steps: [{ state: 'pending' }] },
    ]);
    sync.application.finish();
    await sync.handle.result();
    expect(sync.application.calls).toContain('PreSync settleHooks db-migrate later');
  });
});

/** Resets a sync to before it had its plan. */
async function resetToFirst({ handle }: LabSync, forgets?: readonly ('signals' | 'updates')[]): Promise<void> {
  const { events } = await handle.fetchHistory();
  const [first] = eventsWith(events, 'workflowTaskCompletedEventAttributes');
  await resetTo(lab, handle.workflowId, handle.firstExecutionRunId, first, forgets);
}

/** Lets a newer sync ask a sync to give way, and waits until its PreSync phase was told to end. */
async function giveWay(sync: LabSync): Promise<void> {
  const newer = { syncId: 'newer', revision: 'r2', by: 'bob', at: Date.now(), withinMs: 600_000 };
  await lab.client.workflow.getHandle(sync.handle.workflowId).signal(supersedeSignal, newer);
  const isTold = async (): Promise<boolean> => {
    const { events } = await sync.phase('PreSync').fetchHistory();
    const signals = eventsWith(events, 'workflowExecutionSignaledEventAttributes');
    return signals.some((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'endSoon');
  };
  await vi.waitUntil(isTold, { timeout: 120_000 });
}

describe('a sync that gives way while its phase claims', () => {
  it('begins nothing of the phase', async () => {
    const plan = aPlan(aPhase('PreSync', [hooks('first')]));
    const sync = await lab.start('giving-way', { plan, heldClaim: 'phase' });
    await sync.application.called('claim phase');
    await giveWay(sync);
    sync.application.finish();
    await expect(sync.handle.result()).rejects.toMatchObject({ cause: { type: 'Superseded' } });
    expect(sync.application.calls.filter((call) => call.includes('runHook'))).toEqual([]);
  });
});

describe.concurrent('a reset', () => {
  it.each([
    ['to its first workflow task', 'reset-first', 2],
    ['to before the start of the phase that runs', 'reset-child', 1],
  ] as const)(
    'of the root %s: the new run claims again and finishes [argo 2.8.retry-restarts]',
    async (_, name, plans) => {
      const sync = await lab.start(name, { plan: fullPlan(), hooks: { seed: 'wait' } });
      await sync.application.called('Sync runHook seed');
      const { events } = await sync.handle.fetchHistory();
      const tasks = eventsWith(events, 'workflowTaskCompletedEventAttributes');
      const lastStart = eventsWith(events, 'startChildWorkflowExecutionInitiatedEventAttributes').at(-1);
      const before = tasks.filter(({ eventId }) => Number(eventId) < Number(lastStart?.eventId)).at(-1);
      await resetTo(
        lab,
        sync.handle.workflowId,
        sync.handle.firstExecutionRunId,
        name === 'reset-first' ? tasks[0] : before,
      );
      await sync.application.called('Sync runHook seed', 2);
      sync.application.finish();
      const result = (await lab.client.workflow.getHandle(sync.handle.workflowId).result()) as SyncResult;
      expect(result).toMatchObject({ outcome: 'Succeeded', failures: [] });
      const { calls } = sync.application;
      expect(calls.filter((call) => call === 'planSync')).toHaveLength(plans);
      expect(calls.at(-1)).toBe('finishSync Succeeded verified');
    },
  );

  it('of a root that is aborted at once: what its predecessor has begun is stopped, and the record released', async () => {
    const sync = await lab.start('reset-aborted', { plan: fullPlan(), hooks: { seed: 'wait' } });
    await sync.application.called('Sync runHook seed');
    const { workflowId, firstExecutionRunId } = sync.handle;
    const { events } = await sync.handle.fetchHistory();
    const [first] = eventsWith(events, 'workflowTaskCompletedEventAttributes');
    await resetTo(lab, workflowId, firstExecutionRunId, first);
    const latest = lab.client.workflow.getHandle(workflowId);
    await latest.signal('abort', { by: 'ann' });
    await expect(latest.result()).rejects.toThrow();
    expect(sync.application.calls).toContain('Sync stopHooks seed');
    expect(lastOf(sync)).toBe('finishSync Aborted');
  });

  it('of a phase whose sync is aborted then: its new run is stopped too', async () => {
    const sync = await SYNC_SCENARIOS['phase-reset-aborted']?.(lab);
    if (sync === undefined) throw new Error('there is no such scenario');
    const { result } = await failureOf(sync);
    expect(result).toMatchObject({ outcome: 'Aborted', phases: [{ phase: 'PreSync', state: 'aborted' }] });
    expect(sync.application.calls).toContain('PreSync stopHooks db-migrate');
  });

  it('of a root that is aborted while it claims: what its predecessor has begun is stopped, too', async () => {
    const sync = await lab.start('reset-aborted-claiming', { plan: fullPlan(), hooks: { seed: 'wait' } });
    await sync.application.called('Sync runHook seed');
    sync.application.holdClaim('root');
    await resetToFirst(sync);
    await sync.application.called('claim root', 2);
    const latest = lab.client.workflow.getHandle(sync.handle.workflowId);
    await latest.signal('abort', { by: 'ann' });
    await expect(latest.result()).rejects.toThrow();
    expect(sync.application.calls).toContain('Sync stopHooks seed');
    expect(lastOf(sync)).toBe('finishSync Aborted');
  });

  it('of a root that then fails before it comes so far: it ends once what its predecessor has begun has ended', async () => {
    const plan = aPlan(aGate(aPhase('PreSync', [hooks('backup')]), 0), aPhase('Sync', [hooks('seed')]));
    const sync = await lab.start('reset-failed', { plan, hooks: { seed: 'wait' } });
    await sync.handle.executeUpdate(approveUpdate, { args: [{ by: 'ann', plan: plan.digest, gate: 'PreSync/0' }] });
    await sync.application.called('Sync runHook seed');
    await resetToFirst(sync, ['updates']);
    const latest = lab.client.workflow.getHandle(sync.handle.workflowId);
    const no = { by: 'bob', reason: 'not now', plan: plan.digest, gate: 'PreSync/0' };
    await latest.executeUpdate(rejectUpdate, { args: [no] });
    await sync.application.called('Sync await seed if begun');
    const { calls } = sync.application;
    expect(calls.filter((call) => call.startsWith('finishSync'))).toEqual([]);
    sync.application.finish();
    await expect(latest.result()).rejects.toThrow();
    expect(calls.findLast((call) => /ended|finishSync/.test(call))).toBe('finishSync Failed');
    expect(calls).toContain('Sync ended seed');
  });

  it('of a root that gives way: its phase is told so, also the one that is run again since the record refused it', async () => {
    const plan = aPlan(aPhase('PreSync', [hooks('first')], [hooks('second')]));
    const sync = await lab.start('reset-giving-way', { plan, hooks: { first: 'wait' } });
    await sync.application.called('PreSync runHook first');
    const goOn = sync.application.holdClaim('phase');
    const { events } = await sync.handle.fetchHistory();
    const start = eventsWith(events, 'startChildWorkflowExecutionInitiatedEventAttributes')[0];
    const tasks = eventsWith(events, 'workflowTaskCompletedEventAttributes');
    const before = tasks.findLast(({ eventId }) => Number(eventId) < Number(start?.eventId));
    await resetTo(lab, sync.handle.workflowId, sync.handle.firstExecutionRunId, before);
    await sync.application.called('claim phase', 2);
    await giveWay(sync);
    goOn();
    await sync.application.called('PreSync await first if begun');
    sync.application.finish();
    const latest = lab.client.workflow.getHandle(sync.handle.workflowId);
    await expect(latest.result()).rejects.toMatchObject({ cause: { type: 'Superseded' } });
    const { calls } = sync.application;
    expect(calls.filter((call) => call.includes('runHook'))).toEqual(['PreSync runHook first']);
    expect(calls).toContain('PreSync await second if begun');
  });

  it('of a phase that runs: the root goes on with its new run', async () => {
    const sync = await lab.start('reset-phase', { plan: fullPlan(), hooks: { seed: 'wait' } });
    await sync.application.called('Sync runHook seed');
    const phase = sync.phase('Sync');
    const { events } = await phase.fetchHistory();
    const { runId } = await phase.describe();
    await resetTo(lab, phase.workflowId, runId, eventsWith(events, 'workflowTaskCompletedEventAttributes')[0]);
    await sync.application.called('Sync runHook seed', 2);
    sync.application.finish();
    expect(await sync.handle.result()).toMatchObject({ outcome: 'Succeeded', failures: [] });
    expect(sync.application.calls.filter((call) => call === 'planSync')).toHaveLength(1);
  });
});

/** Alone, so that the hook has begun long before the deadline. */
describe('a sync that takes longer than it may', () => {
  it('has its running hook stopped, and the alerts run [argo 2.5.not-triggered] [argo 2.8.timeout]', async () => {
    const script = { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } } as const;
    const sync = await lab.start('times-out', script, { timeoutMs: 5_000 });
    const { type, result } = await failureOf(sync);
    expect(type).toBe('SyncFailed');
    expect(result.failures).toMatchObject([{ type: 'SyncTimedOut' }]);
    expect(result.failures[0]?.message).toContain('within its 5 s');
    expect(sync.application.calls).toContain('PreSync stopHooks db-migrate');
    expect(phasesRun(sync)).toEqual(['PreSync', 'SyncFail']);
  });

  it('counts its time from the request, so that a run that follows a reset does not begin it anew [argo 5.50]', async () => {
    const script = { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } } as const;
    const hour = 3_600_000;
    const requestedAt = Date.now() - hour + 2_000;
    const sync = await lab.start('asked-long-ago', script, { timeoutMs: hour }, { requestedAt });
    const { result } = await failureOf(sync);
    expect(result.failures[0]?.message).toContain('within its 3600 s');
  });
});

describe.concurrent('what happens to a sync', () => {
  const kindsOf = (sync: LabSync) => sync.application.told.map(({ kind }) => kind);

  it('is told to whom it concerns, once, and not to wait for', async ({ expect }) => {
    const heard = ['started', 'failed'] as const;
    const sync = await lab.start('told', { plan: fullPlan(), hooks: { 'db-migrate': 'fail' }, heard });
    const { result } = await failureOf(sync);
    expect(result.outcome).toBe('Failed');
    await expect.poll(() => kindsOf(sync)).toEqual(['started', 'failed']);
    const [, failed] = sync.application.told;
    expect(failed).toMatchObject({ application: 'told', number: 7, failures: [{ type: 'HookFailed' }] });
    const delivery = lab.client.workflow.getHandle(failed!.id);
    expect(await delivery.result()).toEqual([{ target: 'team', kind: 'delivered' }]);
  });

  it('is told of a hold and of an abort, and of a plan that is refused', async ({ expect }) => {
    const heard = ['held', 'aborted', 'failed'] as const;
    const held = { plan: fullPlan(), hooks: { 'db-migrate': 'fail' }, heard } as const;
    const sync = await lab.start('told-hold', held, { onFailure: 'hold' });
    await expect.poll(() => kindsOf(sync)).toEqual(['held']);
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    await expect.poll(() => kindsOf(sync)).toEqual(['held', 'aborted']);
    const planFailures = [{ type: 'InvalidManifest', message: 'no' }] as const;
    const refused = await lab.start('told-refused', { plan: fullPlan(), planFailures, heard });
    await expect.poll(() => kindsOf(refused)).toEqual(['failed']);
  });

  it('starts nothing where nobody listens, and nothing for a dry run', async ({ expect }) => {
    const silent = await lab.start('untold', { plan: fullPlan() });
    const dry = await lab.start('untold-dry', { plan: fullPlan(), heard: ['succeeded'] }, { dryRun: true });
    await Promise.all([silent.handle.result(), dry.handle.result()]);
    const histories = await Promise.all([silent.handle.fetchHistory(), dry.handle.fetchHistory()]);
    const children = histories.flatMap(({ events }) =>
      (events ?? []).flatMap(
        (event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name ?? [],
      ),
    );
    expect(children).not.toContain('deliverNotification');
  });
});

describe.concurrent('a sync that a window holds back', () => {
  it('is refused, and nothing is claimed', async () => {
    const sync = await lab.start('closed', { plan: fullPlan(), opensInMs: 60_000 });
    const { result } = await failureOf(sync);
    expect(result).toMatchObject({ outcome: 'Failed', failures: [{ type: 'WindowClosed' }] });
    expect(sync.application.calls).toEqual(['planSync']);
  });

  it('waits where it is to, says so, and begins when the window opens', async ({ expect }) => {
    const sync = await lab.start('opening', { plan: fullPlan(), opensInMs: 3_000 }, { ifClosed: 'wait' });
    await sync.application.called('planSync');
    const why = await vi.waitUntil(async () => (await sync.handle.query(statusQuery)).window?.why, {
      timeout: 120_000,
    });
    expect(why).toBe('syncs are held back');
    const phase = async () =>
      (await sync.handle.describe()).typedSearchAttributes.getAll().find(({ key }) => key.name === 'SynclinePhase')
        ?.value;
    expect(await phase()).toBe('AwaitingWindow');
    expect(await sync.handle.result()).toMatchObject({
      outcome: 'Succeeded',
      warnings: ['It waits: syncs are held back.'],
    });
    expect(await phase()).toBe('PostSync');
    expect(sync.application.calls.filter((call) => call === 'planSync')).toHaveLength(2);
  });

  it('is not waited for without end, and can be aborted while it waits', async () => {
    const late = await lab.start('too-late', { plan: fullPlan(), opensInMs: 8 * 86_400_000 }, { ifClosed: 'wait' });
    expect((await failureOf(late)).result).toMatchObject({ failures: [{ type: 'WindowClosed' }] });
    const sync = await lab.start('closed-aborted', { plan: fullPlan(), opensInMs: 600_000 }, { ifClosed: 'wait' });
    await sync.application.called('planSync');
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    expect((await failureOf(sync)).result.outcome).toBe('Aborted');
  });
});
