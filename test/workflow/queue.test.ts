import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SynclineClient } from '../../client/syncline-client.ts';
import type { SyncHandle } from '../../client/handle.ts';
import type { SyncOrder } from '../../client/starting/request.ts';
import type { SyncView } from '../../client/following/view.ts';
import { queueIdOf, workflowIdOf } from '../../core/markers.ts';
import type { Line } from '../../core/queue/line.ts';
import { parseManifests } from '../../core/manifests/parse.ts';
import type { Manifest } from '../../core/manifests/manifest.ts';
import { aGate, aHook, aPhase, aPlan, batch, hooks } from '../support/compact-plans.ts';
import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import { joinSignal, lineQuery, withdrawSignal } from '../../workflows/messages.ts';
import type { WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

let lab: WorkflowLab;
let client: SynclineClient;
beforeAll(async () => {
  lab = await openWorkflowLab();
  client = lab.syncline;
});
afterAll(() => lab.close());

const manifest = (revision: string): Manifest =>
  parseManifests([{ file: 'a.yaml', text: `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${revision}}}` }], {
    namespace: 'shop',
  }).manifests[0]!;

/** Asks for a sync of a revision. */
function ask(application: string, revision: string, more: Partial<SyncOrder> = {}): Promise<SyncHandle> {
  return client.sync({
    ...{
      application,
      revision,
      cluster: 'lab',
      namespace: 'shop',
      requestedBy: 'ann',
      manifests: [manifest(revision)],
    },
    ...more,
  });
}

/** The first view that is as wanted. */
async function viewOf(handle: SyncHandle, isWanted: (view: SyncView) => boolean): Promise<SyncView> {
  for await (const view of handle.views()) if (isWanted(view)) return view;
  throw new Error('the sync ended before');
}

const LONG = aPlan(
  aPhase('PreSync', [hooks('long')], [hooks('next')]),
  aPhase('Sync', [batch()]),
  aPhase('SyncFail', [hooks('alert')]),
);
const HELD = { plan: LONG, hooks: { long: 'wait' } } as const;
const QUEUE = { ifRunning: 'queue' } as const;
const SUPERSEDE = { ifRunning: 'supersede' } as const;

describe.concurrent('requests in a queue', () => {
  it('begin at once where nothing runs', async () => {
    lab.script('idle', { plan: LONG });
    const result = await (await ask('idle', 'r1', QUEUE)).result();
    expect(result).toMatchObject({ outcome: 'Succeeded', revision: 'r1' });
    await lab.client.workflow.getHandle(queueIdOf('lab', 'idle')).result();
  });

  it('begin in their order, each once the one before has ended, and say behind whom they wait', async ({ expect }) => {
    const app = lab.script('order', HELD);
    const first = await ask('order', 'r1');
    await app.called('PreSync runHook long');
    const second = await ask('order', 'r2', QUEUE);
    const third = await ask('order', 'r3', QUEUE);
    const waiting = await viewOf(third, ({ status }) => status.queued?.before === 1);
    expect(waiting.status).toMatchObject({
      state: 'queued',
      revision: 'r3',
      queued: { ifRunning: 'queue', behind: { revision: 'r1', requestedBy: 'ann' } },
    });
    expect((await first.status()).waiting).toMatchObject([{ revision: 'r2' }, { revision: 'r3' }]);
    const listed = async () =>
      (await client.list({ application: 'order' })).map(({ outcome, revision }) => `${outcome} ${revision}`);
    await expect.poll(listed).toEqual(['Queued r2', 'Queued r3', 'Running r1']);
    const followed: string[] = [];
    const following = (async () => {
      for await (const { status } of third.views()) if (followed.at(-1) !== status.state) followed.push(status.state);
    })();
    await expect.poll(() => followed[0]).toBe('queued');
    app.finish();
    const results = await Promise.all([first, second, third].map((handle) => handle.result()));
    expect(results.map(({ revision, outcome }) => `${revision} ${outcome}`)).toEqual([
      'r1 Succeeded',
      'r2 Succeeded',
      'r3 Succeeded',
    ]);
    expect(results[1]!.finishedAt).toBeLessThanOrEqual(results[2]!.startedAt);
    await following;
    expect(followed.at(-1)).toBe('succeeded');
  });

  it.each([
    ['fails', { ...HELD, hooks: { long: 'fail' } }, 'Failed'],
    ['is terminated in Temporal', HELD, 'Aborted'],
    ['is cancelled in Temporal', HELD, 'Aborted'],
  ] as const)('begin also where the one that runs %s', async (how, script, outcome) => {
    const name = `after-${how.split(' ').at(how === 'fails' ? 0 : 1) ?? ''}`;
    const app = lab.script(name, script);
    const first = await ask(name, 'r1');
    await app.called('PreSync runHook long');
    const second = await ask(name, 'r2', QUEUE);
    const running = lab.client.workflow.getHandle(workflowIdOf('lab', name), first.runId);
    if (how === 'is terminated in Temporal') await running.terminate('by hand');
    if (how === 'is cancelled in Temporal') await running.cancel();
    expect((await first.result()).outcome).toBe(outcome);
    await app.called('planSync', 2);
    app.finish();
    expect((await second.result()).revision).toBe('r2');
  });

  it('may be withdrawn while they wait, and the others move up', async () => {
    const app = lab.script('withdrawn', HELD);
    await ask('withdrawn', 'r1');
    await app.called('PreSync runHook long');
    const second = await ask('withdrawn', 'r2', QUEUE);
    const third = await ask('withdrawn', 'r3', QUEUE);
    await second.abort({ by: 'bob', reason: 'not now' });
    expect(await second.result()).toMatchObject({
      outcome: 'Aborted',
      failures: [{ message: 'the sync of withdrawn was withdrawn by bob before it began: not now' }],
    });
    expect((await third.status()).status.queued?.before).toBe(0);
    await third.abort({ by: 'bob' });
    app.finish();
    expect((await third.result()).outcome).toBe('Aborted');
    await lab.client.workflow.getHandle(queueIdOf('lab', 'withdrawn')).result();
    expect(app.calls.filter((call) => call === 'planSync')).toHaveLength(1);
  });

  it('stand once in the line when they are asked for twice, and are answered with their result once they were served', async ({
    expect,
  }) => {
    const app = lab.script('twice', HELD);
    await ask('twice', 'r1');
    await app.called('PreSync runHook long');
    const same = { ...QUEUE, syncId: 'build-7' };
    const second = await ask('twice', 'r2', same);
    const again = await ask('twice', 'r2', same);
    const queued = async () =>
      (await client.list({ application: 'twice' })).filter(({ outcome }) => outcome === 'Queued').length;
    await expect.poll(queued).toBe(1);
    app.finish();
    const result = await second.result();
    expect(await again.result()).toEqual(result);
    await ask('twice', 'r3', QUEUE).then((handle) => handle.result());
    for (const ifRunning of ['reject', 'queue', 'supersede'] as const) {
      expect(await (await ask('twice', 'r2', { ...same, ifRunning })).result()).toEqual(result);
    }
    await expect(ask('twice', 'r4', same)).rejects.toThrow('was asked for with other manifests');
    expect(app.calls.filter((call) => call === 'planSync')).toHaveLength(3);
  });

  it('are served once, also where the same one joins a line anew: by the newest run, and by an older one', async () => {
    const { application, handle, request } = await lab.start('anew', { plan: aPlan(aPhase('Sync', [batch()])) });
    await handle.result();
    const joinAnew = async (): Promise<Line> => {
      const queue = await lab.client.workflow.signalWithStart('queueSyncs', {
        workflowId: queueIdOf('lab', 'anew'),
        taskQueue: SYNC_QUEUE,
        args: [{ version: 1, cluster: 'lab', application: 'anew' }],
        signal: joinSignal,
        signalArgs: [{ request, ifRunning: 'queue', named: true }],
      });
      await queue.result();
      return queue.query(lineQuery);
    };
    const served = { kind: 'started', syncId: request.syncId, runId: handle.firstExecutionRunId };
    expect((await joinAnew()).departed).toEqual([served]);
    await (await ask('anew', 'r2', QUEUE)).result();
    expect((await joinAnew()).departed).toEqual([served]);
    expect(application.calls.filter((call) => call === 'planSync')).toHaveLength(2);
  });

  it('wait behind a sync that its window holds back, which one that supersedes ends at once', async ({ expect }) => {
    const app = lab.script('closed', { plan: aPlan(aPhase('Sync', [batch()])), opensInMs: 600_000 });
    const first = await ask('closed', 'r1', { options: { ifClosed: 'wait' } });
    const { window } = (await viewOf(first, ({ status }) => status.window !== undefined)).status;
    expect(window).toMatchObject({ why: 'syncs are held back' });
    const second = await ask('closed', 'r2', QUEUE);
    await viewOf(second, ({ status }) => status.queued?.behind?.revision === 'r1');
    const listed = async (): Promise<readonly unknown[]> =>
      (await client.list({ application: 'closed' })).map(({ outcome, waits }) => ({ outcome, waits }));
    const both = [{ outcome: 'Queued' }, { outcome: 'Running', waits: { for: 'window', until: window!.opensAt } }];
    await expect.poll(listed).toEqual(both);
    const third = await ask('closed', 'r3', SUPERSEDE);
    const result = await first.result();
    expect([result.outcome, result.window]).toEqual(['Superseded', undefined]);
    expect((await second.result()).outcome).toBe('Superseded');
    expect((await third.result()).outcome).toBe('Succeeded');
    expect(app.calls.filter((call) => call === 'planSync')).toHaveLength(2);
  });

  it('are lost with a line that is terminated, which is told, also behind a newer line; asked for again, they are served', async ({
    expect,
  }) => {
    const app = lab.script('lost', HELD);
    await ask('lost', 'r1');
    await app.called('PreSync runHook long');
    const second = await ask('lost', 'r2', { ...QUEUE, syncId: 'build-2' });
    await viewOf(second, ({ status }) => status.queued !== undefined);
    await lab.client.workflow.getHandle(queueIdOf('lab', 'lost')).terminate('by hand');
    const lost = {
      outcome: 'Aborted',
      failures: [
        { type: 'RequestLost', message: expect.stringMatching(/terminated in Temporal by .+: by hand$/) as string },
      ],
    };
    expect(await second.result()).toMatchObject(lost);
    const third = await ask('lost', 'r3', QUEUE);
    await viewOf(third, ({ status }) => status.queued !== undefined);
    const found = client.handle('lost', { cluster: 'lab', syncId: 'build-2' });
    await vi.waitFor(async () => expect(await found.result()).toMatchObject(lost), { timeout: 120_000 });
    const again = await ask('lost', 'r2', { ...QUEUE, syncId: 'build-2' });
    app.finish();
    expect((await again.result()).outcome).toBe('Succeeded');
  });

  it('are not overtaken by one that does not wait, which is told who does', async () => {
    const app = lab.script('overtaken', HELD);
    await ask('overtaken', 'r1');
    await app.called('PreSync runHook long');
    const second = await ask('overtaken', 'r2', QUEUE);
    await viewOf(second, ({ status }) => status.queued !== undefined);
    await expect(ask('overtaken', 'r3')).rejects.toThrow(
      /others wait for their turn to sync overtaken: revision r2 of ann/,
    );
    app.finish();
    expect((await second.result()).outcome).toBe('Succeeded');
    await lab.client.workflow.getHandle(queueIdOf('lab', 'overtaken')).result();
    expect(await (await ask('overtaken', 'r3')).result()).toMatchObject({ outcome: 'Succeeded', revision: 'r3' });
  });

  it('refuse a retry of the one before while they run', async () => {
    lab.script('retried', { plan: LONG, hooks: { long: 'fail' } });
    const first = await ask('retried', 'r1');
    expect((await first.result()).outcome).toBe('Failed');
    const app = lab.script('retried', HELD);
    const second = await ask('retried', 'r2', QUEUE);
    await app.called('PreSync runHook long');
    await expect(first.retry({ by: 'ann' })).rejects.toThrow('a sync of retried is running already');
    app.finish();
    expect((await second.result()).outcome).toBe('Succeeded');
  });

  it('go on in a workflow that takes the line over from its predecessor, whatever else is sent to it', async () => {
    const app = lab.script('continued', HELD);
    await ask('continued', 'r1');
    await app.called('PreSync runHook long');
    await ask('continued', 'r2', QUEUE);
    const queue = lab.client.workflow.getHandle(queueIdOf('lab', 'continued'));
    const line = await queue.query(lineQuery);
    await queue.terminate();
    await lab.client.workflow.start('queueSyncs', {
      workflowId: queue.workflowId,
      taskQueue: SYNC_QUEUE,
      args: [{ version: 1, cluster: 'lab', application: 'continued', line }],
    });
    await queue.signal(joinSignal);
    await queue.signal(withdrawSignal);
    app.finish();
    await app.called('planSync', 2);
    await queue.result();
    const { outcome, revision } = await client.handle('continued', { cluster: 'lab' }).result();
    expect([outcome, revision]).toEqual(['Succeeded', 'r2']);
  });

  it('are not lost when many come at the same moment', async () => {
    lab.script('many', { plan: aPlan(aPhase('Sync', [batch()])) });
    const handles = await Promise.all(Array.from({ length: 8 }, (_, at) => ask('many', `r${at}`, QUEUE)));
    const results = await Promise.all(handles.map((handle) => handle.result()));
    expect(results.map(({ outcome }) => outcome)).toEqual(handles.map(() => 'Succeeded'));
  });
});

describe.concurrent('a request that supersedes', () => {
  it('lets a running hook end, begins nothing more of the older sync, and follows it', async () => {
    const app = lab.script('superseded', HELD);
    const first = await ask('superseded', 'r1');
    await app.called('PreSync runHook long');
    const passed = await ask('superseded', 'r2', QUEUE);
    const second = await ask('superseded', 'r3', SUPERSEDE);
    expect(await passed.result()).toMatchObject({ outcome: 'Superseded', supersededBy: { revision: 'r3', by: 'ann' } });
    const giving = await viewOf(first, ({ status }) => status.supersededBy !== undefined);
    expect(giving.status).toMatchObject({ state: 'running', supersededBy: { revision: 'r3', withinMs: 600_000 } });
    app.finish();
    const result = await first.result();
    expect(result).toMatchObject({
      outcome: 'Superseded',
      state: 'superseded',
      supersededBy: { revision: 'r3', by: 'ann' },
      failures: [{ type: 'Superseded', message: expect.stringContaining('revision r3') as string }],
    });
    const states = result.phases.flatMap(({ waves }) => waves.map(({ state }) => state));
    expect(states).toEqual(['succeeded', 'skipped', 'skipped', 'skipped']);
    expect((await second.result()).outcome).toBe('Succeeded');
    const calls = app.calls.filter((call) => /^(?!fenced).*(runHook|settle|stop|finish|planSync)/.test(call));
    expect(calls.slice(0, 5)).toEqual([
      'planSync',
      'PreSync runHook long',
      'PreSync settleHooks long',
      'finishSync Superseded',
      'planSync',
    ]);
    expect(calls.filter((call) => call.includes('alert'))).toEqual([]);
  });

  it('has running hooks stopped once the time of the older sync is over, or at once', async () => {
    const app = lab.script('hasty', HELD);
    const first = await ask('hasty', 'r1');
    await app.called('PreSync runHook long');
    const second = await ask('hasty', 'r2', { ...SUPERSEDE, supersedeWithinMs: 300 });
    expect(await first.result()).toMatchObject({ outcome: 'Superseded', phases: [{ state: 'aborted' }, {}, {}] });
    expect(app.calls.filter((call) => call.includes('stopHooks'))).toEqual(['PreSync stopHooks long next']);
    await app.called('PreSync runHook long', 2);
    const third = await ask('hasty', 'r3', { ...SUPERSEDE, supersedeWithinMs: 0 });
    expect((await second.result()).outcome).toBe('Superseded');
    app.finish();
    expect((await third.result()).outcome).toBe('Succeeded');
    expect(app.calls.filter((call) => call.includes('alert'))).toEqual([]);
  });

  it('ends at once what holds after a failure', async () => {
    const app = lab.script('holding', { plan: LONG, hooks: { long: 'fail-once' } });
    const first = await ask('holding', 'r1', { options: { onFailure: 'hold' } });
    await viewOf(first, ({ status }) => status.state === 'holding');
    const second = await ask('holding', 'r2', SUPERSEDE);
    expect((await second.result()).outcome).toBe('Succeeded');
    expect(await first.result()).toMatchObject({
      outcome: 'Superseded',
      failures: [{ type: 'HookFailed' }, { type: 'Superseded' }],
    });
    expect(app.calls.filter((call) => call.includes('alert'))).toEqual([]);
  });

  it('ends at once what waits for an approval, for health, or before a retry', async () => {
    const gated = aPlan(aGate(aPhase('PreSync', [hooks('a')]), 0));
    const app = lab.script('waits', { plan: gated });
    const first = await ask('waits', 'r1');
    await viewOf(first, ({ status }) => status.phases[0]?.waves[0]?.state === 'waiting');
    const unhealthy = { plan: aPlan(aPhase('Sync', [batch()], [hooks('after')])), health: 'wait' } as const;
    const held = lab.script('waits', unhealthy);
    const second = await ask('waits', 'r2', SUPERSEDE);
    expect(await first.result()).toMatchObject({ outcome: 'Superseded', phases: [{ waves: [{ state: 'skipped' }] }] });
    expect(app.calls.filter((call) => call.includes('runHook'))).toEqual([]);
    // The script that follows would answer a wait that has not begun.
    await held.called('Sync awaitHealthy 0');
    const retried = aHook('flaky', { retries: 3 });
    const third = lab.script('waits', { plan: aPlan(aPhase('Sync', [hooks(retried)])), hooks: { flaky: 'fail' } });
    const handle = await ask('waits', 'r3', SUPERSEDE);
    expect(await second.result()).toMatchObject({
      outcome: 'Superseded',
      phases: [{ waves: [{ state: 'aborted' }, { state: 'skipped' }] }],
    });
    await third.called('Sync ended flaky');
    lab.script('waits', { plan: aPlan(aPhase('Sync', [batch()])) });
    const last = await ask('waits', 'r4', SUPERSEDE);
    expect((await last.result()).outcome).toBe('Succeeded');
    expect(await handle.result()).toMatchObject({
      outcome: 'Superseded',
      failures: [{ type: 'HookFailed' }, { type: 'Superseded' }],
    });
    expect(third.calls.filter((call) => call.includes('runHook'))).toEqual(['Sync runHook flaky']);
  });

  it('follows a deletion that ends at a safe point', async () => {
    const plan = aPlan(aPhase('PreDelete', [hooks('long')]), aPhase('Delete', [batch({ kind: 'prune' })]));
    const app = lab.script('deletion', { plan, hooks: { long: 'wait' } });
    const deletion = await client.delete({
      application: 'deletion',
      cluster: 'lab',
      namespace: 'shop',
      requestedBy: 'ann',
    });
    await app.called('PreDelete runHook long');
    const sync = await ask('deletion', 'r2', SUPERSEDE);
    await viewOf(deletion, ({ status }) => status.supersededBy !== undefined);
    app.finish();
    expect((await deletion.result()).outcome).toBe('Superseded');
    lab.script('deletion', { plan: aPlan(aPhase('Sync', [batch()])) });
    expect((await sync.result()).outcome).toBe('Succeeded');
    expect(app.calls.filter((call) => call.startsWith('Delete apply'))).toEqual([]);
  });
});
