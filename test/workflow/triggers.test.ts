import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkflowFailedError } from '@temporalio/client';
import { queueIdOf, triggerIdOf } from '../../core/markers.ts';
import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import type { SyncResult } from '../../core/sync/status.ts';
import type { PushResult } from '../../workflows/receive-push.ts';
import type { triggerSync } from '../../workflows/index.ts';
import { aPhase, aPlan, batch, hooks } from '../support/compact-plans.ts';
import { aPush } from '../support/pushes.ts';
import type { WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

let lab: WorkflowLab;
beforeAll(async () => {
  lab = await openWorkflowLab();
});
afterAll(() => lab.close());

const PLAN = aPlan(aPhase('PreSync', [hooks('migrate')]), aPhase('Sync', [batch()]));

async function resultOf(workflowId: string): Promise<PushResult> {
  return (await lab.client.workflow.getHandle(workflowId).result()) as PushResult;
}

/** The result of a sync that a trigger has asked for. */
const syncOf = (application: string, syncId: string): Promise<SyncResult> =>
  lab.syncline.handle(application, { cluster: 'lab', syncId }).result();

describe.concurrent('a push', () => {
  it('begins one sync of each application that listens to it, however often it comes', async () => {
    const repositories = ['https://git/twice'];
    const apps = ['twice-a', 'twice-b'].map((name) => lab.script(name, { plan: PLAN, listensTo: repositories[0]! }));
    lab.script('deaf', { plan: PLAN });
    const push = aPush({ id: 'twice', repositories });
    const receipts = await Promise.all([1, 2, 3].map(() => lab.syncline.pushed(push, ['lab'])));
    expect(receipts.filter(({ isNew }) => isNew)).toHaveLength(1);
    const { triggered } = await resultOf(receipts[0]!.workflowId);
    expect(triggered.map(({ application }) => application)).toEqual(['twice-a', 'twice-b']);
    for (const { application, outcome } of triggered) {
      if (outcome.kind !== 'asked') throw new Error(JSON.stringify(outcome));
      expect(await syncOf(application, outcome.syncId)).toMatchObject({
        ...{ outcome: 'Succeeded', requestedBy: 'github:alice', revision: push.commit },
      });
    }
    expect((await lab.syncline.pushed(push, ['lab'])).isNew).toBe(false);
    for (const app of apps) expect(app.calls.filter((call) => call === 'planSync')).toHaveLength(1);
  });

  it('lets the sync that runs end at its next safe point, and is followed by the sync of the newest push alone', async () => {
    const repositories = ['https://git/newest'];
    const script = { plan: PLAN, hooks: { migrate: 'wait' }, listensTo: repositories[0]! } as const;
    const running = await lab.start('newest', script);
    await running.application.called('PreSync runHook migrate');
    const commits = ['a', 'b', 'c'].map((digit) => digit.repeat(40));
    const syncIds: string[] = [];
    for (const commit of commits) {
      const { workflowId } = await lab.syncline.pushed(aPush({ id: commit, repositories, commit }), ['lab']);
      const [first] = (await resultOf(workflowId)).triggered;
      if (first?.outcome.kind === 'asked') syncIds.push(first.outcome.syncId);
    }
    running.application.finish();
    expect(await syncOf('newest', syncIds[2]!)).toMatchObject({ outcome: 'Succeeded', revision: commits[2] });
    const ended = await running.handle.result().catch((error: unknown) => error);
    expect(ended).toBeInstanceOf(WorkflowFailedError);
    expect(running.application.calls.filter((call) => call === 'planSync')).toHaveLength(2);
  });

  it('that can’t be rendered fails with all that is wrong, and when it comes again begins what it has not begun', async () => {
    const repositories = ['https://git/mended'];
    const listensTo = repositories[0]!;
    const failures = [{ type: 'InvalidManifest', message: 'a.yaml:1: no kind' }] as const;
    const good = lab.script('mended-good', { plan: PLAN, listensTo });
    const prepared = (times: number) => (times === 1 ? ({ kind: 'failed', failures } as const) : undefined);
    const bad = lab.script('mended-bad', { plan: PLAN, listensTo, prepared });
    const push = aPush({ id: 'mended', repositories });
    const { workflowId } = await lab.syncline.pushed(push, ['lab']);
    const failed = await resultOf(workflowId).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      cause: {
        ...{ type: 'TriggerFailed', message: 'no sync was begun of mended-bad in cluster lab' },
        details: [
          {
            triggered: [
              { application: 'mended-good', outcome: { kind: 'asked' } },
              { application: 'mended-bad', outcome: { kind: 'failed', failures } },
            ],
          },
        ],
      },
    });
    expect((await lab.syncline.pushed(push, ['lab'])).isNew).toBe(true);
    expect((await resultOf(workflowId)).triggered).toMatchObject([
      { application: 'mended-good', outcome: { kind: 'known' } },
      { application: 'mended-bad', outcome: { kind: 'asked' } },
    ]);
    await bad.called('finishSync Succeeded verified');
    expect(good.calls.filter((call) => call === 'prepareTrigger')).toHaveLength(1);
  });

  it('that has changed no manifest begins nothing', async () => {
    const told = {
      kind: 'unchanged',
      revision: 'r1',
      bundle: 'sha256:b',
      why: 'sync 7 has brought them about',
    } as const;
    const listensTo = 'https://git/unchanged';
    const app = lab.script('unchanged', { plan: PLAN, listensTo, prepared: () => told });
    const { workflowId } = await lab.syncline.pushed(aPush({ id: 'unchanged', repositories: [listensTo] }), ['lab']);
    expect((await resultOf(workflowId)).triggered).toMatchObject([{ outcome: told }]);
    expect(app.calls).toEqual(['prepareTrigger']);
  });
});

describe.concurrent('triggers of one application that come at once', () => {
  it('all enter its line, which may open and close meanwhile: each is synced, or gives way to a newer one', async () => {
    const app = lab.script('crowd', { plan: PLAN });
    const started = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        const push = aPush({ id: String(index) });
        return lab.client.workflow.start<typeof triggerSync>('triggerSync', {
          workflowId: triggerIdOf('lab', 'crowd', push.id),
          taskQueue: SYNC_QUEUE,
          args: [{ version: 1, cluster: 'lab', application: 'crowd', cause: { kind: 'push', push }, indexed: true }],
        });
      }),
    );
    const outcomes = await Promise.all(started.map((handle) => handle.result()));
    await lab.client.workflow.getHandle(queueIdOf('lab', 'crowd')).result();
    const ended = outcomes.map(async (outcome) => {
      if (outcome.kind !== 'asked') throw new Error(JSON.stringify(outcome));
      return (await syncOf('crowd', outcome.syncId)).outcome;
    });
    const told = await Promise.all(ended);
    expect(told).toContain('Succeeded');
    expect(told.filter((outcome) => outcome !== 'Succeeded' && outcome !== 'Superseded')).toEqual([]);
    expect(app.calls.filter((call) => call === 'planSync').length).toBeLessThanOrEqual(told.length);
  });

  it('from a schedule wait in line once, however often it comes round', async () => {
    const running = await lab.start('round', { plan: PLAN, hooks: { migrate: 'wait' } });
    await running.application.called('PreSync runHook migrate');
    const cause = { kind: 'schedule', by: 'ana', ifRunning: 'queue' } as const;
    for (const round of ['1', '2', '3']) {
      await lab.client.workflow.execute<typeof triggerSync>('triggerSync', {
        workflowId: triggerIdOf('lab', 'round', round),
        taskQueue: SYNC_QUEUE,
        args: [{ version: 1, cluster: 'lab', application: 'round', cause, indexed: true }],
      });
    }
    const { waiting } = await lab.syncline.handle('round', { cluster: 'lab' }).status();
    expect(waiting).toMatchObject([{ requestedBy: 'schedule:ana' }]);
    running.application.finish();
    await lab.client.workflow.getHandle(queueIdOf('lab', 'round')).result();
    await running.application.called('finishSync Succeeded verified', 2);
  });
});
