import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { DecisionRequest } from '../../core/sync/approval.ts';
import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import type { SyncResult, SyncStatus } from '../../core/sync/status.ts';
import {
  abortUpdate,
  approveSignal,
  approveUpdate,
  rejectSignal,
  rejectUpdate,
  statusQuery,
} from '../../workflows/messages.ts';
import { aGate, aPhase, aPlan, batch, hooks } from '../support/compact-plans.ts';
import { eventsWith, resetTo } from '../support/resets.ts';
import { failureOf } from '../support/sync-endings.ts';
import type { LabSync, WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

let lab: WorkflowLab;
beforeAll(async () => {
  lab = await openWorkflowLab();
});
afterAll(() => lab.close());

/** A migration that waits for an approval, then resources. */
const gatedPlan = (): CompactPlan =>
  aPlan(
    aGate(aPhase('PreSync', [hooks('backup')], [hooks('db-migrate')]), 1),
    aPhase('Sync', [batch()]),
    aPhase('SyncFail', [hooks('alert')]),
  );

const SEEN: DecisionRequest = { by: 'ann', plan: 'sha256:plan', gate: 'PreSync/1' };

/** Resolves with the status of a sync once a gate of it waits. */
async function waiting(sync: LabSync, gate = 'PreSync/1'): Promise<SyncStatus> {
  for (;;) {
    const status = await sync.handle.query(statusQuery);
    const waves = status.phases.flatMap((phase) => phase.waves);
    if (waves.some(({ state, approval }) => state === 'waiting' && approval?.gate === gate)) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function refusals(error: unknown): string {
  return error instanceof WorkflowUpdateFailedError ? (error.cause?.message ?? '') : String(error);
}

describe.concurrent('a sync that needs an approval', () => {
  it('waits with nothing of the wave begun, shows why, and goes on once it is approved', async () => {
    const sync = await lab.start('approved', { plan: gatedPlan() });
    const status = await waiting(sync);
    expect(status.phases[0]?.waves[1]).toMatchObject({
      approval: { gate: 'PreSync/1', state: 'waiting', reasons: ['syncline.dev/approval on Job/a'] },
    });
    const described = await sync.handle.describe();
    const attributes = described.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    expect(Object.fromEntries(attributes)).toMatchObject({ SynclinePhase: 'AwaitingApproval' });
    expect(sync.application.calls).not.toContain('PreSync runHook db-migrate');
    await sync.handle.executeUpdate(approveUpdate, { args: [{ ...SEEN, reason: 'checked' }] });
    const result = await sync.handle.result();
    expect(result.outcome).toBe('Succeeded');
    expect(result.phases[0]?.waves[1]).toMatchObject({
      state: 'succeeded',
      approval: { state: 'approved', decision: { by: 'ann', reason: 'checked', at: expect.any(Number) as number } },
    });
  });

  it('fails when it is rejected: nothing of the wave is done, the alerts run, since the backup has run', async () => {
    const sync = await lab.start('rejected', { plan: gatedPlan() });
    await waiting(sync);
    await sync.handle.executeUpdate(rejectUpdate, { args: [{ ...SEEN, reason: 'not today' }] });
    const { type, result } = await failureOf(sync);
    expect(type).toBe('SyncFailed');
    expect(result.failures).toEqual([
      { type: 'ApprovalRejected', message: 'PreSync wave 1 was rejected by ann: not today' },
    ]);
    expect(result.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'PreSync failed',
      'Sync skipped',
      'SyncFail succeeded',
    ]);
    expect(result.phases[0]?.waves[1]).toMatchObject({ state: 'failed', steps: [{ state: 'skipped' }] });
    expect(sync.application.calls).not.toContain('PreSync runHook db-migrate');
  });

  it('takes a signal that names nothing, where only one gate can be meant', async () => {
    const sync = await lab.start('signalled', { plan: gatedPlan() });
    await waiting(sync);
    await sync.handle.signal(approveSignal);
    const result = await sync.handle.result();
    expect(result.phases[0]?.waves[1]?.approval).toMatchObject({ state: 'approved', decision: { by: 'a signal' } });
  });

  it('says in its warnings why it did not take a signal, and waits on', async () => {
    const plan = aPlan(aGate(aPhase('Sync', [batch()], [batch()]), 0, 1));
    const sync = await lab.start('ambiguous', { plan });
    await waiting(sync, 'Sync/0');
    await sync.handle.signal(approveSignal, { by: 'bob' });
    const { warnings } = await sync.handle.query(statusQuery);
    expect(warnings).toEqual([expect.stringMatching(/signal of bob was not taken .*Sync\/0, Sync\/1: say which/)]);
    await sync.handle.signal(approveSignal, { by: 'bob', gate: 'Sync/0' });
    await waiting(sync, 'Sync/1');
    await sync.handle.signal(rejectSignal, { by: 'bob', gate: 'Sync/1', reason: 'no' });
    expect((await failureOf(sync)).result.failures).toMatchObject([{ type: 'ApprovalRejected' }]);
  });

  it('refuses in words what it can not take, and goes on unharmed', async () => {
    const sync = await lab.start('refusing', { plan: gatedPlan(), hooks: { backup: 'wait' } });
    await sync.application.called('PreSync runHook backup');
    const tell = (request: Partial<DecisionRequest>) =>
      sync.handle.executeUpdate(approveUpdate, { args: [request as DecisionRequest] }).catch(refusals);
    expect(await tell({ by: 'ann' })).toContain('nothing of this sync waits');
    expect(await tell({ by: 'ann', gate: 'PreSync/1' })).toContain('does not wait yet');
    expect(await tell({})).toContain('needs `by`');
    sync.application.finish();
    await waiting(sync);
    expect(await tell({ ...SEEN, plan: 'sha256:other' })).toContain('is for plan other, and this sync runs plan plan');
    expect(await tell({ ...SEEN, gate: 'PreSync/9' })).toContain('there is no gate PreSync/9: there are PreSync/1');
    const reject = sync.handle.executeUpdate(rejectUpdate, { args: [SEEN] });
    expect(await reject.catch(refusals)).toContain('needs `reason`');
    const both = await Promise.all([tell(SEEN), tell({ ...SEEN, by: 'bob' })]);
    expect(both).toContainEqual({ accepted: true });
    expect(both).toContainEqual(expect.stringMatching(/gate PreSync\/1 was approved by (ann|bob) already/));
    expect((await sync.handle.result()).outcome).toBe('Succeeded');
  });

  it('takes a decision on plan and gate before the gate is reached', async () => {
    const sync = await lab.start('ahead', { plan: gatedPlan(), hooks: { backup: 'wait' } });
    await sync.application.called('PreSync runHook backup');
    await sync.handle.executeUpdate(approveUpdate, { args: [SEEN] });
    sync.application.finish();
    expect((await sync.handle.result()).outcome).toBe('Succeeded');
  });

  it('fails when nobody decides in its time', async () => {
    const sync = await lab.start('unapproved', { plan: gatedPlan() }, { approvalTimeoutMs: 300 });
    const { result } = await failureOf(sync);
    expect(result.failures).toMatchObject([{ type: 'ApprovalTimedOut' }]);
    expect(result.phases[0]?.waves[1]).toMatchObject({ state: 'failed', approval: { state: 'expired' } });
  });

  it('can be aborted while it waits', async () => {
    const sync = await lab.start('aborted-gate', { plan: gatedPlan() });
    await waiting(sync);
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    const { type, result } = await failureOf(sync);
    expect(type).toBe('Aborted');
    expect(result.phases[0]?.waves[1]).toMatchObject({ state: 'skipped', steps: [{ state: 'skipped' }] });
    expect(sync.application.calls.at(-1)).toBe('finishSync Aborted');
  });
});

describe.concurrent('a reset of a sync that was approved', () => {
  it('of the phase asks nobody again', async () => {
    const sync = await lab.start('reset-approved-phase', { plan: gatedPlan(), hooks: { 'db-migrate': 'wait' } });
    await waiting(sync);
    await sync.handle.executeUpdate(approveUpdate, { args: [SEEN] });
    await sync.application.called('PreSync runHook db-migrate');
    const phase = sync.phase('PreSync');
    const { events } = await phase.fetchHistory();
    const first = eventsWith(events, 'workflowTaskCompletedEventAttributes')[0];
    await resetTo(lab, phase.workflowId, (await phase.describe()).runId, first);
    await sync.application.called('PreSync runHook db-migrate', 2);
    sync.application.finish();
    expect((await sync.handle.result()).outcome).toBe('Succeeded');
  });

  it('of the root, to before the decision, takes what was decided on the same plan and gate', async () => {
    const sync = await lab.start('reset-approved-root', { plan: gatedPlan(), hooks: { 'db-migrate': 'wait' } });
    await waiting(sync);
    await sync.handle.executeUpdate(approveUpdate, { args: [SEEN] });
    await sync.application.called('PreSync runHook db-migrate');
    const { events } = await sync.handle.fetchHistory();
    const first = eventsWith(events, 'workflowTaskCompletedEventAttributes')[0];
    await resetTo(lab, sync.handle.workflowId, sync.handle.firstExecutionRunId, first);
    await sync.application.called('PreSync runHook db-migrate', 2);
    sync.application.finish();
    const result = (await lab.client.workflow.getHandle(sync.handle.workflowId).result()) as SyncResult;
    expect(result).toMatchObject({ outcome: 'Succeeded', warnings: [] });
  });

  it('of the root, to before the plan, does not take what names no gate for one that was decided', async () => {
    const sync = await lab.start('reset-decided-gate', { plan: gatedPlan(), hooks: { 'db-migrate': 'wait' } });
    await waiting(sync);
    await sync.handle.signal(approveSignal, SEEN);
    await sync.application.called('PreSync runHook db-migrate');
    const { events } = await sync.handle.fetchHistory();
    const first = eventsWith(events, 'workflowTaskCompletedEventAttributes')[0];
    await resetTo(lab, sync.handle.workflowId, sync.handle.firstExecutionRunId, first);
    await sync.application.called('PreSync runHook db-migrate', 2);
    const anew = lab.client.workflow.getHandle(sync.handle.workflowId);
    await anew.signal(rejectSignal, { by: 'bob', reason: 'too late' });
    sync.application.finish();
    const result = (await anew.result()) as SyncResult;
    expect(result).toMatchObject({
      outcome: 'Succeeded',
      warnings: [expect.stringContaining('A signal of bob was not taken') as string],
    });
  });

  it('of the root, to before the plan, takes the first of two decisions on one gate', async () => {
    const sync = await lab.start('reset-two-decisions', { plan: gatedPlan(), hooks: { 'db-migrate': 'wait' } });
    await waiting(sync);
    await sync.handle.signal(approveSignal, SEEN);
    await sync.application.called('PreSync runHook db-migrate');
    await sync.handle.signal(rejectSignal, { ...SEEN, by: 'bob', reason: 'too late' });
    const { events } = await sync.handle.fetchHistory();
    const first = eventsWith(events, 'workflowTaskCompletedEventAttributes')[0];
    await resetTo(lab, sync.handle.workflowId, sync.handle.firstExecutionRunId, first);
    await sync.application.called('PreSync runHook db-migrate', 2);
    sync.application.finish();
    const result = (await lab.client.workflow.getHandle(sync.handle.workflowId).result()) as SyncResult;
    expect(result).toMatchObject({
      outcome: 'Succeeded',
      warnings: [
        expect.stringContaining('What bob decided on gate PreSync/1 came after ann had approved it') as string,
      ],
    });
  });
});
