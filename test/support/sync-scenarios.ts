import { abortUpdate, approveUpdate } from '../../workflows/messages.ts';
import { aGate, aHook, aPhase, aPlan, batch, fullPlan, hooks } from './compact-plans.ts';
import type { LabSync, WorkflowLab } from './workflow-lab.ts';

/** Syncs whose histories are kept, so that a change of workflow code that would not replay them is seen. Each is played to its end. */
export const SYNC_SCENARIOS: Readonly<Record<string, (lab: WorkflowLab) => Promise<LabSync>>> = {
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
};
