import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import { aPhase, aPlan, batch, hooks } from '../support/compact-plans.ts';
import { failureOf } from '../support/sync-endings.ts';
import type { WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

let lab: WorkflowLab;
beforeAll(async () => {
  lab = await openWorkflowLab();
});
afterAll(() => lab.close());

const DELETION = { deletion: { orphan: false, skipHooks: false } };
const prune = () => batch({ kind: 'prune', count: 2 });

function deletionPlan(): CompactPlan {
  const reversed = aPhase('Delete', [prune()], [prune()]);
  return aPlan(
    aPhase('PreDelete', [hooks('backup')]),
    { ...reversed, waves: reversed.waves.toReversed() },
    aPhase('PostDelete', [hooks('goodbye')]),
  );
}

describe.concurrent('a deletion', () => {
  it('runs its phases by the same interpreter, waves as the plan has them, and compares nothing at its end', async () => {
    const sync = await lab.start('deletion', { plan: deletionPlan() }, {}, DELETION);
    const result = await sync.handle.result();
    expect(result).toMatchObject({ outcome: 'Succeeded', operation: 'delete' });
    expect(sync.application.calls.filter((call) => !/claim|ended|settle|fenced/.test(call))).toEqual([
      'planSync',
      'PreDelete runHook backup',
      'Delete applySegment 1/0',
      'Delete awaitHealthy 1',
      'Delete applySegment 0/0',
      'Delete awaitHealthy 0',
      'PostDelete runHook goodbye',
      'finishSync Succeeded',
    ]);
  });

  it('deletes nothing after a PreDelete hook that failed [argo 2.8.delete-hooks]', async () => {
    const script = { plan: deletionPlan(), hooks: { backup: 'fail' } } as const;
    const sync = await lab.start('deletion-blocked', script, {}, DELETION);
    const { result } = await failureOf(sync);
    expect(result.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'PreDelete failed',
      'Delete skipped',
      'PostDelete skipped',
    ]);
    expect(sync.application.calls.at(-1)).toBe('finishSync Failed');
  });

  it('of orphans has no phase: it is planned, claimed and finished', async () => {
    const deletion = { orphan: true, skipHooks: false };
    const sync = await lab.start('deletion-orphans', { plan: aPlan() }, {}, { deletion });
    await sync.handle.result();
    expect(sync.application.calls).toEqual(['planSync', 'claim root', 'finishSync Succeeded']);
  });
});
