import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { abortUpdate, retryUpdate, statusQuery } from '../../workflows/messages.ts';
import { aHook, aPhase, aPlan, batch, hooks } from '../support/compact-plans.ts';
import { failureOf } from '../support/sync-endings.ts';
import type { LabSync, WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

let lab: WorkflowLab;
beforeAll(async () => {
  lab = await openWorkflowLab();
});
afterAll(() => lab.close());

const QUICKLY = { retryPauseMs: 100 };
const planOf = (retries: number) =>
  aPlan(aPhase('PreSync', [hooks(aHook('db-migrate', { retries }))]), aPhase('Sync', [batch()]));

/** The requests for the hook, and what came after it. */
function calls({ application }: LabSync): readonly string[] {
  return application.calls.filter((call) => /runHook|applySegment/.test(call));
}

async function timersOf(sync: LabSync): Promise<readonly number[]> {
  const { events } = await sync.phase('PreSync').fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => {
    if (!timer) return [];
    const { seconds, nanos } = timer.startToFireTimeout ?? {};
    return [Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1_000_000];
  });
}

describe.concurrent('a hook that may be tried again', () => {
  it('is, behind durable timers that double, and its sync succeeds with the spent attempts on record [argo 2.8.retry-limit]', async () => {
    const sync = await lab.start('retried-hook', { plan: planOf(3), hooks: { 'db-migrate': 'fail-twice' } }, QUICKLY);
    const result = await sync.handle.result();
    expect(result).toMatchObject({ outcome: 'Succeeded', failures: [] });
    expect(calls(sync)).toEqual([
      'PreSync runHook db-migrate',
      'PreSync runHook db-migrate ask 2',
      'PreSync runHook db-migrate ask 3',
      'Sync applySegment 0/0',
    ]);
    expect(await timersOf(sync)).toEqual([100, 200]);
    expect(result.phases[0]?.waves[0]?.steps[0]).toMatchObject({
      state: 'succeeded',
      attempt: 3,
      retries: 3,
      spent: [{ attempt: 1 }, { attempt: 2 }],
    });
  });

  it('fails its sync once its retries are spent', async () => {
    const sync = await lab.start('spent-hook', { plan: planOf(1), hooks: { 'db-migrate': 'fail-twice' } }, QUICKLY);
    const { result } = await failureOf(sync);
    expect(result).toMatchObject({ outcome: 'Failed', failures: [{ type: 'HookFailed' }] });
    expect(calls(sync)).toEqual(['PreSync runHook db-migrate', 'PreSync runHook db-migrate ask 2']);
  });

  it('has all its retries anew once a sync that holds goes on', async ({ expect }) => {
    const script = { plan: planOf(1), hooks: { 'db-migrate': 'fail-twice' } } as const;
    const sync = await lab.start('held-hook', script, { ...QUICKLY, onFailure: 'hold' });
    await sync.application.called('PreSync runHook db-migrate ask 2');
    await expect.poll(async () => (await sync.handle.query(statusQuery)).state).toBe('holding');
    await sync.handle.executeUpdate(retryUpdate, { args: [{ by: 'ann' }] });
    const result = await sync.handle.result();
    expect(result.phases[0]?.waves[0]?.steps[0]).toMatchObject({ state: 'succeeded', attempt: 3, retries: 1 });
    expect(calls(sync)).toContain('PreSync runHook db-migrate round 2 since 1');
  });

  it('is stopped in its pause by an abort, at once', async () => {
    const script = { plan: planOf(3), hooks: { 'db-migrate': 'fail' } } as const;
    const sync = await lab.start('aborted-pause', script, { retryPauseMs: 3_600_000 });
    await sync.application.called('PreSync ended db-migrate');
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'ann' }] });
    const { result } = await failureOf(sync);
    expect(result.outcome).toBe('Aborted');
    expect(sync.application.calls).toContain('PreSync stopHooks db-migrate');
    expect(calls(sync)).toEqual(['PreSync runHook db-migrate']);
  });
});
