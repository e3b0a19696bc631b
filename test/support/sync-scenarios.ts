import { setTimeout as delay } from 'node:timers/promises';
import { notificationIdOf, queueIdOf, triggerIdOf } from '../../core/markers.ts';
import type { SyncState } from '../../core/sync/status.ts';
import {
  abortUpdate,
  approveSignal,
  approveUpdate,
  retryUpdate,
  skipUpdate,
  statusQuery,
  supersedeSignal,
} from '../../workflows/messages.ts';
import { aGate, aHook, aPhase, aPlan, batch, fullPlan, hooks } from './compact-plans.ts';
import type { WorkflowHandle } from '@temporalio/client';
import type { LabSync, PlayedByOthers, WorkflowLab } from './workflow-lab.ts';
import { aPush } from './pushes.ts';
import { eventsWith, resetTo } from './resets.ts';

/** A sync that was played, and workflows besides its own whose histories are kept, by a name for their files. */
export interface PlayedSync extends PlayedByOthers {
  readonly others?: Readonly<Record<string, WorkflowHandle>>;
}

/** Syncs whose histories are kept, so that a change of workflow code that would not replay them is seen. Each is played to its end. */
export const SYNC_SCENARIOS: Readonly<Record<string, (lab: WorkflowLab) => Promise<PlayedSync>>> = {
  async succeeded(lab) {
    const settings = aHook('settings', { runsToCompletion: false, settlesAtOnce: true });
    const volume = aHook('data', { runsToCompletion: false });
    const [preSync, ...rest] = fullPlan().phases;
    const first = aPhase('PreSync', [hooks(settings), hooks(volume), hooks('db-migrate', 'db-check')]);
    const plan = aPlan(...(preSync === undefined ? [] : [first]), ...rest);
    return lab.start('replay-succeeded', { plan });
  },
  async 'failed-hook'(lab) {
    return lab.start('replay-failed-hook', { plan: fullPlan(), hooks: { seed: 'fail' } });
  },
  async aborted(lab) {
    const plan = aPlan(aPhase('Sync', [hooks('long'), batch()]));
    const sync = await lab.start('replay-aborted', { plan, batch: 'wait', hooks: { long: 'wait' } });
    await Promise.all([sync.application.called('Sync runHook long'), sync.application.called('Sync applySegment 0/1')]);
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann', reason: 'wrong one' }] });
    return sync;
  },
  async 'phase-reset-aborted'(lab) {
    const plan = aPlan(aPhase('PreSync', [hooks('db-migrate')]));
    const sync = await lab.start('replay-phase-reset-aborted', { plan, hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    const phase = sync.phase('PreSync');
    const { runId } = await phase.describe();
    const { events } = await phase.fetchHistory();
    const [first] = eventsWith(events, 'workflowTaskCompletedEventAttributes');
    await resetTo(lab, phase.workflowId, runId, first);
    await sync.application.called('PreSync runHook db-migrate', 2);
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    return sync;
  },
  async 'timed-out'(lab) {
    const script = { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } } as const;
    return lab.start('replay-timed-out', script, { timeoutMs: 5_000 });
  },
  async approved(lab) {
    const plan = aPlan(aGate(aPhase('PreSync', [hooks('db-migrate')]), 0), aPhase('Sync', [batch()]));
    const sync = await lab.start('replay-approved', { plan });
    const decision = { by: 'ann', reason: 'checked', plan: plan.digest, gate: 'PreSync/0' };
    await sync.handle.executeUpdate(approveUpdate, { args: [decision] });
    return sync;
  },
  async fenced(lab) {
    return lab.start('replay-fenced', { plan: aPlan(aPhase('PreSync', [hooks('a', 'b')])), fencedHooks: 2 });
  },
  async held(lab) {
    const script = { plan: fullPlan(), hooks: { 'db-migrate': 'fail-once', seed: 'fail' } } as const;
    const sync = await lab.start('replay-held', script, { onFailure: 'hold' });
    await reached(sync, 'holding');
    await sync.handle.executeUpdate(retryUpdate, { args: [{ by: 'ann' }] });
    await sync.application.called('Sync ended seed');
    await reached(sync, 'holding');
    await sync.handle.executeUpdate(skipUpdate, { args: [{ by: 'ann', step: 'seed', reason: 'by hand' }] });
    return sync;
  },
  async 'retried-hook'(lab) {
    const plan = aPlan(aPhase('PreSync', [hooks(aHook('flaky', { retries: 2 }))]), aPhase('Sync', [batch()]));
    return lab.start('replay-retried-hook', { plan, hooks: { flaky: 'fail-twice' } }, { retryPauseMs: 1_000 });
  },
  async resumed(lab) {
    const script = { plan: fullPlan(), hooks: { 'db-migrate': 'fail-once' } } as const;
    const sync = await lab.start('replay-resumed', script);
    await sync.handle.result().catch(() => undefined);
    const { runId } = await lab.syncline.handle('replay-resumed', { cluster: 'lab' }).retry({ by: 'ann' });
    return { ...sync, handle: { ...sync.handle, ...lab.client.workflow.getHandle(sync.handle.workflowId, runId) } };
  },
  async 'begun-late'(lab) {
    return lab.start('replay-begun-late', { plan: fullPlan() }, { from: 'Sync:1' });
  },
  async 'prune-confirmed'(lab) {
    const plan = aPlan(aGate(aPhase('Sync', [batch({ kind: 'prune' }), batch()]), 0));
    const sync = await lab.start('replay-prune-confirmed', { plan });
    await sync.application.called('claim root');
    await sync.handle.signal(approveSignal, { by: 'ann', plan: plan.digest, gate: 'Sync/0' });
    return sync;
  },
  async deletion(lab) {
    const plan = aPlan(
      aPhase('PreDelete', [hooks('backup')]),
      aPhase('Delete', [batch({ kind: 'prune' })]),
      aPhase('PostDelete', [hooks('goodbye')]),
    );
    return lab.start('replay-deletion', { plan }, {}, { deletion: { orphan: false, skipHooks: false } });
  },
  async superseded(lab) {
    const sync = await lab.start('replay-superseded', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    await sync.handle.signal(supersedeSignal, NEWER);
    sync.application.finish();
    return sync;
  },
  async 'superseded-late'(lab) {
    const sync = await lab.start('replay-superseded-late', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    await sync.handle.signal(supersedeSignal, { ...NEWER, withinMs: 1_000 });
    return sync;
  },
  async 'alert-aborted'(lab) {
    const sync = await lab.start('replay-alert-aborted', {
      plan: fullPlan(),
      hooks: { 'db-migrate': 'fail', seed: 'wait', alert: 'wait' },
    });
    await sync.application.called('SyncFail runHook alert');
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    return sync;
  },
  async 'held-back'(lab) {
    return lab.start('replay-held-back', { plan: fullPlan(), opensInMs: 1_500 }, { ifClosed: 'wait' });
  },
  async 'held-back-shown'(lab) {
    return lab.start('replay-held-back-shown', { plan: fullPlan(), opensInMs: 1_500 }, { ifClosed: 'wait' });
  },
  async 'queued-named'(lab) {
    const sync = await lab.start('replay-queued-named', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    const names = { application: 'replay-queued-named', cluster: 'lab', namespace: 'shop', requestedBy: 'ann' };
    await lab.syncline.sync({ ...names, manifests: [], revision: 'r1', ifRunning: 'queue', syncId: 'build-1' });
    sync.application.finish();
    return { ...sync, others: { line: lab.client.workflow.getHandle(queueIdOf('lab', 'replay-queued-named')) } };
  },
  async announced(lab) {
    const script = { plan: fullPlan(), hooks: { seed: 'fail' }, heard: ['started', 'failed'] } as const;
    const sync = await lab.start('replay-announced', script);
    const run = sync.handle.firstExecutionRunId;
    const delivery = notificationIdOf({ cluster: 'lab', application: 'replay-announced' }, run, '2-failed');
    return { ...sync, others: { delivery: lab.client.workflow.getHandle(delivery) } };
  },
  async queued(lab) {
    const sync = await lab.start('replay-queued', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    const order = {
      application: 'replay-queued',
      cluster: 'lab',
      namespace: 'shop',
      requestedBy: 'ann',
      manifests: [],
    };
    const passed = await lab.syncline.sync({ ...order, revision: 'r1', ifRunning: 'queue' });
    await passed.abort({ by: 'bob' });
    await lab.syncline.sync({ ...order, revision: 'r2', ifRunning: 'queue' });
    await lab.syncline.sync({ ...order, revision: 'r3', ifRunning: 'supersede' });
    await reachedSupersession(sync);
    sync.application.finish();
    return { ...sync, others: { line: lab.client.workflow.getHandle(queueIdOf('lab', 'replay-queued')) } };
  },
  async pushed(lab) {
    const application = lab.script('replay-pushed', { plan: fullPlan(), listensTo: 'https://git/pushed' });
    const { workflowId } = await lab.syncline.pushed(aPush({ repositories: ['https://git/pushed'] }), ['lab']);
    await lab.client.workflow.getHandle(workflowId).result();
    await lab.client.workflow.getHandle(queueIdOf('lab', 'replay-pushed')).result();
    return { ...lab.triggered('replay-pushed', application), others: triggersOf(lab, workflowId, 'replay-pushed') };
  },
  async 'pushed-late'(lab) {
    const script = { plan: fullPlan(), hooks: { 'db-migrate': 'wait' }, listensTo: 'https://git/late' } as const;
    const sync = await lab.start('replay-pushed-late', script);
    await sync.application.called('PreSync runHook db-migrate');
    const names = { application: 'replay-pushed-late', cluster: 'lab', namespace: 'shop', requestedBy: 'ann' };
    await lab.syncline.sync({ ...names, manifests: [], revision: 'r1', ifRunning: 'queue' });
    const push = aPush({ id: 'late', repositories: ['https://git/late'] });
    const { workflowId } = await lab.syncline.pushed(push, ['lab']);
    await lab.client.workflow.getHandle(workflowId).result();
    await reachedSupersession(sync);
    sync.application.finish();
    return { ...sync, others: triggersOf(lab, workflowId, 'replay-pushed-late', 'late') };
  },
  async 'push-failed'(lab) {
    const failures = [{ type: 'InvalidManifest', message: 'a.yaml:1: no kind' }] as const;
    const script = { plan: fullPlan(), listensTo: 'https://git/failed' } as const;
    const prepared = () => ({ kind: 'failed', failures }) as const;
    const sync = await lab.start('replay-push-failed', { ...script, prepared });
    const push = aPush({ id: 'failed', repositories: ['https://git/failed'] });
    const { workflowId } = await lab.syncline.pushed(push, ['lab']);
    const trigger = lab.client.workflow.getHandle(triggerIdOf('lab', 'replay-push-failed', 'github-failed'));
    return { ...sync, others: { push: lab.client.workflow.getHandle(workflowId), trigger } };
  },
};

/** The workflows by which a push has come to a sync. */
function triggersOf(
  lab: WorkflowLab,
  push: string,
  application: string,
  id = 'push',
): Readonly<Record<string, WorkflowHandle>> {
  const handles = {
    push,
    trigger: triggerIdOf('lab', application, `github-${id}`),
    line: queueIdOf('lab', application),
  };
  return Object.fromEntries(
    Object.entries(handles).map(([name, workflowId]) => [name, lab.client.workflow.getHandle(workflowId)]),
  );
}

const NEWER = { syncId: 'newer', revision: 'r2', by: 'bob', at: 1_000, withinMs: 600_000 };

async function reached(sync: LabSync, state: SyncState): Promise<void> {
  while ((await sync.handle.query(statusQuery)).state !== state) await delay(20);
}

async function reachedSupersession(sync: LabSync): Promise<void> {
  while ((await sync.handle.query(statusQuery)).supersededBy === undefined) await delay(20);
}
