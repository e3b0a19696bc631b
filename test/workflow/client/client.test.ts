import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SynclineClient } from '../../../client/syncline-client.ts';
import { AlreadyRunning } from '../../../client/errors.ts';
import type { SyncEvent, WatchedEvent } from '../../../client/following/events.ts';
import type { SyncHandle } from '../../../client/handle.ts';
import type { Manifest } from '../../../core/manifests/manifest.ts';
import { aPhase, aPlan, batch, fullPlan, hooks } from '../../support/compact-plans.ts';
import type { WorkflowLab } from '../../support/workflow-lab.ts';
import { openWorkflowLab } from '../../support/workflow-lab.ts';

let lab: WorkflowLab;
let client: SynclineClient;
beforeAll(async () => {
  lab = await openWorkflowLab();
  client = lab.syncline;
});
afterAll(() => lab.close());

const handleOf = (application: string): SyncHandle => client.handle(application, { cluster: 'lab' });

async function eventsOf(handle: SyncHandle, seen: (event: SyncEvent) => void): Promise<readonly WatchedEvent[]> {
  const events: WatchedEvent[] = [];
  for await (const event of handle.watch()) {
    events.push(event);
    seen(event);
  }
  return events;
}

const secret: Manifest = {
  object: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shop' },
    stringData: { password: 'hunter2-of-the-test' },
  },
  location: { file: 'a.yaml', line: 1 },
};
/** The bytes of every payload in a history, as text. */
function payloadTexts(value: unknown): readonly string[] {
  if (value instanceof Uint8Array) return [new TextDecoder().decode(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(payloadTexts) : [];
}

const orderOf = (application: string) => ({
  manifests: [secret],
  application,
  cluster: 'lab',
  namespace: 'shop',
  requestedBy: 'test',
});

describe.concurrent('watching', () => {
  test('tells each change of a hook once, and the end last', async () => {
    const sync = await lab.start('watched', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    const events = await eventsOf(handleOf('watched'), (event) => {
      if (event.kind === 'hook' && event.hook.state === 'running') sync.application.finish();
    });
    const migrate = events.flatMap((event) =>
      event.kind === 'hook' && event.hook.ref.name === 'db-migrate' ? [event.hook.state] : [],
    );
    expect(migrate).toEqual(['running', 'succeeded']);
    expect(events.at(-1)).toMatchObject({ kind: 'ended', result: { outcome: 'Succeeded' } });
    expect(events.filter((event) => event.kind === 'ended')).toHaveLength(1);
  });

  test('never takes the phase of an earlier sync for the one that runs', async () => {
    const first = await lab.start('twice', { plan: fullPlan() });
    await first.handle.result();
    const second = await lab.start('twice', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    for await (const { status } of handleOf('twice').views()) {
      expect(status.phases[0]?.state).not.toBe('succeeded');
      if (status.phases[0]?.waves.some((wave) => wave.state === 'running') === true) break;
    }
    second.application.finish();
    expect(await handleOf('twice').result()).toMatchObject({ outcome: 'Succeeded' });
  });

  test('tells who comes late, or comes back after any event, what who was there from the beginning was told', async () => {
    const sync = await lab.start(
      'told',
      { plan: fullPlan(), hooks: { 'db-migrate': 'fail-once' } },
      { onFailure: 'hold' },
    );
    const there = eventsOf(handleOf('told'), (event) => {
      if (event.kind === 'sync' && event.state === 'holding') void handleOf('told').retry({ by: 'ann' });
    });
    await sync.handle.result();
    const told = (await there).filter(({ kind }) => kind !== 'progress');
    const again = async (after?: string) => {
      const events: WatchedEvent[] = [];
      for await (const event of handleOf('told').watch(after === undefined ? {} : { after })) events.push(event);
      return events.filter(({ kind }) => kind !== 'progress');
    };
    expect(told.map(({ id, kind }) => `${kind} ${id}`)).toEqual((await again()).map(({ id, kind }) => `${kind} ${id}`));
    const words = told.map((event) => ('state' in event ? `${event.kind} ${event.state}` : event.kind));
    expect(words.filter((word) => word.startsWith('sync'))).toEqual([
      ...['sync planning', 'sync running', 'sync holding', 'sync running', 'sync succeeded'],
    ]);
    const states = told.flatMap((event) =>
      event.kind === 'hook' && event.hook.ref.name === 'db-migrate' ? [event.hook.state] : [],
    );
    expect(states).toEqual(['running', 'failed', 'running', 'succeeded']);
    for (const [index, { id }] of told.entries()) {
      expect((await again(id)).map((event) => event.id)).toEqual(told.slice(index + 1).map((event) => event.id));
    }
  });

  test('ends with its signal and leaves the sync alone', async () => {
    const sync = await lab.start('left', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    await expect(handleOf('left').result({ signal: AbortSignal.timeout(300) })).rejects.toThrow();
    expect((await handleOf('left').status()).status.state).toBe('running');
    sync.application.finish();
    await handleOf('left').result();
  });
});

describe.concurrent('the end of a sync', () => {
  test('a failure is a result', async () => {
    await lab.start('failing', { plan: fullPlan(), hooks: { 'db-migrate': 'fail' } });
    const result = await handleOf('failing').result();
    expect(result).toMatchObject({ outcome: 'Failed', state: 'failed' });
    expect(result.failures.length).toBeGreaterThan(0);
  });

  test('an abort names who asked for it', async () => {
    const sync = await lab.start('aborted', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    await handleOf('aborted').abort({ by: 'ada', reason: 'wrong version' });
    const result = await handleOf('aborted').result();
    expect(result.outcome).toBe('Aborted');
    expect(result.failures[0]?.message).toContain('ada');
    await expect(handleOf('aborted').abort({ by: 'ada' })).rejects.toThrow('no sync of aborted is running');
  });
});

describe.concurrent('starting', () => {
  test('a second sync of an application is refused, with the one that runs', async () => {
    const sync = await lab.start('busy', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    const refused = client.sync(orderOf('busy'));
    await expect(refused).rejects.toThrow(AlreadyRunning);
    await expect(refused).rejects.toThrow('sync sync-of-busy, revision abc1234');
    sync.application.finish();
    await sync.handle.result();
  });

  test('manifests stay out of Temporal', async () => {
    const scripted = await lab.start('secretive', { plan: fullPlan() });
    await scripted.handle.result();
    const handle = await client.sync(orderOf('secretive'));
    expect((await handle.result()).outcome).toBe('Succeeded');
    const events = (await lab.client.workflow.getHandle(handle.workflowId).fetchHistory()).events ?? [];
    const all = payloadTexts(events).join('\n');
    expect(all).toContain('secretive');
    expect(all).not.toContain('hunter2-of-the-test');
  });

  test('a sync can be found in the list, with who asked for it', async ({ expect }) => {
    const scripted = await lab.start('listed', { plan: fullPlan() });
    await scripted.handle.result();
    const handle = await client.sync(orderOf('listed'));
    await handle.result();
    // Visibility is a moment behind.
    const outcomes = async () =>
      (await client.list({ application: 'listed', newestOnly: false })).map(({ outcome }) => outcome);
    await expect.poll(outcomes).toEqual(['Succeeded', 'Succeeded']);
    const [newest, ...others] = await client.list({ application: 'listed' });
    expect(newest).toMatchObject({ application: 'listed', cluster: 'lab', namespace: 'shop', requestedBy: 'test' });
    expect(others).toEqual([]);
  });

  test('a sync that failed is in the list as well, where Argo CD keeps what succeeded [argo 2.8.history]', async ({
    expect,
  }) => {
    await lab.start('fails-listed', { plan: fullPlan(), hooks: { 'db-migrate': 'fail' } });
    await expect.poll(async () => (await client.list({ application: 'fails-listed' }))[0]?.outcome).toBe('Failed');
  });

  test('workers that poll are seen', async () => {
    expect((await client.workers()).length).toBeGreaterThan(0);
  });

  test('an application without a sync is an error that says where it was looked for', async () => {
    await expect(handleOf('unheard-of').status()).rejects.toThrow(
      /there is no sync of unheard-of \(Temporal 127\.0\.0\.1/,
    );
  });
});

describe.concurrent('a sync that is terminated in Temporal', () => {
  const plan = aPlan(aPhase('PreSync', [hooks('first')], [hooks('long')]), aPhase('Sync', [batch()]));

  test('shows what had run, how its phase stopped the rest, and who has ended it; a retry goes on from there', async () => {
    const sync = await lab.start('terminated', { plan, hooks: { long: 'wait' } });
    await sync.application.called('PreSync runHook long');
    const seen = eventsOf(handleOf('terminated'), () => undefined);
    await sync.handle.terminate('enough');
    const result = await handleOf('terminated').result();
    expect(result).toMatchObject({
      outcome: 'Aborted',
      failures: [
        { type: 'Aborted', message: expect.stringMatching(/terminated in Temporal by .+: enough$/) as string },
      ],
      phases: [
        { phase: 'PreSync', state: 'aborted', waves: [{ state: 'succeeded' }, { steps: [{ state: 'aborted' }] }] },
        { phase: 'Sync', state: 'skipped' },
      ],
    });
    expect((await handleOf('terminated').status()).status).toEqual(result);
    const told = await seen;
    expect(told.at(-1)).toMatchObject({ kind: 'ended', result });
    expect(told).toContainEqual(expect.objectContaining({ kind: 'wave', wave: 1, state: 'aborted' }));
    sync.application.finish();
    const again = await handleOf('terminated').retry({ by: 'ann' });
    expect((await again.result()).outcome).toBe('Succeeded');
    expect(sync.application.calls.filter((call) => call === 'PreSync runHook first')).toHaveLength(1);
  });

  test('shows what is known of a phase that was terminated with it', async () => {
    const sync = await lab.start('terminated-both', { plan, hooks: { long: 'wait' } });
    await sync.application.called('PreSync runHook long');
    await sync.handle.terminate();
    // It may have ended by itself by now: its parent's end cancels it.
    await sync
      .phase('PreSync')
      .terminate()
      .catch(() => undefined);
    expect(await handleOf('terminated-both').result()).toMatchObject({
      outcome: 'Aborted',
      phases: [{ state: 'aborted', waves: [{ state: 'succeeded' }, { state: 'aborted' }] }, { state: 'skipped' }],
    });
  });
});
