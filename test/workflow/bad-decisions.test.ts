import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueIdOf } from '../../core/markers.ts';
import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import type { SyncStatus } from '../../core/sync/status.ts';
import { approveUpdate, lineQuery, retryUpdate, statusQuery } from '../../workflows/messages.ts';
import { aGate, aPhase, aPlan, batch, fullPlan, hooks } from '../support/compact-plans.ts';
import { failureOf } from '../support/sync-endings.ts';
import type { LabSync, WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

let lab: WorkflowLab;
beforeAll(async () => {
  lab = await openWorkflowLab();
});
afterAll(() => lab.close());

const bytes = (text: string) => new TextEncoder().encode(text);
const payload = (encoding: string, data: string) => ({ metadata: { encoding: bytes(encoding) }, data: bytes(data) });

/** What can't be decoded: an encoding that nobody knows, JSON that is none, no encoding at all. */
const UNDECODABLE = [payload('foo/bar', 'x'), payload('json/plain', '{"by"'), { data: bytes('1') }];
const NONSENSE = [
  'PreSync/0',
  5,
  [['x']],
  { by: 5, gate: {}, step: [], from: 1, phase: null, approval: 3, request: 3 },
];

/** Sends a signal as a hand would that writes its bytes. */
async function sendBytes({ workflowId }: Pick<WorkflowHandle, 'workflowId'>, signalName: string): Promise<void> {
  const { namespace } = lab.client.options;
  for (const each of UNDECODABLE) {
    const input = { payloads: [each, each] };
    const workflowExecution = { workflowId };
    await lab.client.workflowService.signalWorkflowExecution({ namespace, workflowExecution, signalName, input });
  }
}

async function sendNonsense(handle: WorkflowHandle, signal: string): Promise<void> {
  await sendBytes(handle, signal);
  for (const nonsense of NONSENSE) await handle.signal(signal, nonsense);
}

/** Resolves with what is looked at once it is as it should be. */
async function once<Seen>(look: () => Promise<Seen>, holds: (seen: Seen) => boolean): Promise<Seen> {
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const statusOnce = (sync: LabSync, holds: (status: SyncStatus) => boolean): Promise<SyncStatus> =>
  once(() => sync.handle.query(statusQuery), holds);

const waitsAtGate = ({ phases }: SyncStatus): boolean =>
  phases.some(({ waves }) => waves.some(({ state }) => state === 'waiting'));
const gatedPlan = () => aPlan(aGate(aPhase('PreSync', [hooks('db-migrate')]), 0), aPhase('Sync', [batch()]));

/** How often a task of a workflow has failed: one that stumbles over a message fails for ever. */
async function failedTasks(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  return events?.filter((event) => event.workflowTaskFailedEventAttributes).length ?? 0;
}

async function updatesIn(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  return events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length ?? 0;
}

/** What an update is refused with; `sent` is nothing at all where it is left out. */
async function refusal(handle: WorkflowHandle, update: string, ...sent: readonly [unknown?]): Promise<string> {
  const [first] = sent;
  const answer = first === undefined ? handle.executeUpdate(update) : handle.executeUpdate(update, { args: [first] });
  const error: unknown = await answer.catch((reason: unknown) => reason);
  return error instanceof WorkflowUpdateFailedError
    ? (error.cause?.message ?? '')
    : `accepted: ${JSON.stringify(error)}`;
}

describe.concurrent('what nobody means', () => {
  it('as a signal to a sync is told in its warnings, and the sync waits on and ends as if nothing had been sent', async () => {
    const sync = await lab.start('nonsense', { plan: gatedPlan() });
    await statusOnce(sync, waitsAtGate);
    const signals = ['approve', 'reject', 'retry', 'skip', 'supersede', 'gateReached'];
    for (const signal of signals) await sendNonsense(sync.handle, signal);
    const count = signals.length * (UNDECODABLE.length + NONSENSE.length);
    const status = await statusOnce(sync, ({ warnings }) => warnings.length === count);
    expect(status).toMatchObject({ state: 'running', failures: [] });
    expect(status).not.toHaveProperty('supersededBy');
    for (const signal of signals) {
      const told = status.warnings.filter((text) => text.startsWith(`A signal was not taken (${signal}): `));
      expect(told).toHaveLength(UNDECODABLE.length + NONSENSE.length);
    }
    await sync.handle.executeUpdate(approveUpdate, { args: [{ by: 'ann' }] });
    expect((await sync.handle.result()).outcome).toBe('Succeeded');
    expect(await failedTasks(sync.handle)).toBe(0);
  });

  it('as an update is refused with what is wrong and what would be right, and leaves no event', async () => {
    const sync = await lab.start('nonsense-updates', { plan: gatedPlan() });
    await statusOnce(sync, waitsAtGate);
    const { handle } = sync;
    expect(await refusal(handle, 'approve')).toBe('approve needs `by`: who asks for it');
    expect(await refusal(handle, 'approve', 'ann')).toMatch(/takes an object such as \{"by": "you".* not a text/);
    expect(await refusal(handle, 'approve', { by: 'ann', plan: 7 })).toMatch(/`plan` of approve must be a text/);
    expect(await refusal(handle, 'approve', { by: 'ann', gates: 'PreSync/0' })).toMatch(
      /no field `gates`: it takes `by`/,
    );
    expect(await refusal(handle, 'reject', { by: 'ann', reason: ' ' })).toBe('a rejection needs `reason`: why');
    expect(await refusal(handle, 'abort', { by: 'ann', reason: 'x'.repeat(100_000) })).toMatch(
      /at most 2000 are taken/,
    );
    expect(await refusal(handle, 'retry', { by: 'ann' })).toBe(
      'the sync does not hold: it waits at gate PreSync/0, and takes `approve`, `reject` or `abort`',
    );
    expect(await refusal(handle, 'aprove', { by: 'ann' })).toContain('aprove');
    expect(await updatesIn(handle)).toBe(0);
    await handle.executeUpdate(approveUpdate, { args: [{ by: 'ann' }] });
    expect((await handle.result()).warnings).toEqual([]);
  });

  it('does not retry a sync that holds, not even in part', async () => {
    const sync = await lab.start(
      'nonsense-holding',
      { plan: fullPlan(), hooks: { 'db-migrate': 'fail-once' } },
      { onFailure: 'hold' },
    );
    await statusOnce(sync, ({ state }) => state === 'holding');
    const { handle } = sync;
    expect(await refusal(handle, 'retry', { by: 'ann', from: 'PreSync/0' })).toMatch(
      /"PreSync\/0" is no place in a plan/,
    );
    expect(await refusal(handle, 'retry', { by: 'ann', form: 'PreSync' })).toMatch(/no field `form`/);
    expect(await refusal(handle, 'retry', { by: 'ann', restart: 'false' })).toMatch(
      /`restart` of retry must be `true`/,
    );
    expect(await refusal(handle, 'skip', { by: 'ann', step: 'nobody', reason: 'x' })).toMatch(
      /no step nobody; there are Job/,
    );
    expect(await refusal(handle, 'approve', { by: 'ann' })).toMatch(
      /nothing .* it holds after a failure, and takes `retry`/,
    );
    for (const verb of ['retry', 'skip']) await sendNonsense(handle, verb);
    await statusOnce(sync, ({ warnings }) => warnings.length === 2 * (UNDECODABLE.length + NONSENSE.length));
    await handle.executeUpdate(retryUpdate, { args: [{ by: 'ann' }] });
    expect(await handle.result()).toMatchObject({ outcome: 'Succeeded', round: 2 });
  });

  it('is not told without end, however much of it comes', async () => {
    const sync = await lab.start('flood', { plan: gatedPlan() });
    await statusOnce(sync, waitsAtGate);
    await Promise.all(Array.from({ length: 120 }, () => sync.handle.signal('retry', 'now')));
    await sync.handle.signal('approve');
    const { outcome, warnings } = await sync.handle.result();
    expect([outcome, warnings.length]).toEqual(['Succeeded', 51]);
    expect(warnings.at(-1)).toContain('not told one by one');
  });

  it('in a phase, whose root alone speaks to it, is left out, and what is for the sync is sent there', async () => {
    const sync = await lab.start('nonsense-phase', { plan: gatedPlan() });
    await statusOnce(sync, waitsAtGate);
    const phase = sync.phase('PreSync');
    await sendNonsense(phase, 'decided');
    for (const verb of ['abort', 'approve', 'reject', 'retry', 'skip']) {
      expect(await refusal(phase, verb, { by: 'ann' })).toBe(
        `${verb} is for the sync, not for one of its phases: send it to the workflow sync/lab/nonsense-phase`,
      );
      await phase.signal(verb);
    }
    await sync.handle.executeUpdate(approveUpdate, { args: [{ by: 'ann' }] });
    expect((await sync.handle.result()).outcome).toBe('Succeeded');
    expect(await failedTasks(phase)).toBe(0);
  });

  it('ends a phase that it tells to end, and the sync says that nobody asked for that', async () => {
    const sync = await lab.start('ended-by-hand', { plan: gatedPlan() });
    await statusOnce(sync, waitsAtGate);
    await sync.phase('PreSync').signal('endSoon');
    const { type, result } = await failureOf(sync);
    expect(type).toBe('SyncFailed');
    expect(result.failures).toMatchObject([{ type: 'Aborted', message: expect.stringContaining('endSoon') as string }]);
  });

  it('in a line is left out, and who waits in it is served', async () => {
    const sync = await lab.start('nonsense-line', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
    await sync.application.called('PreSync runHook db-migrate');
    const next = { ...sync.request, syncId: 'next' };
    const line = await lab.client.workflow.signalWithStart('queueSyncs', {
      workflowId: queueIdOf('lab', 'nonsense-line'),
      taskQueue: SYNC_QUEUE,
      args: [{ version: 1, cluster: 'lab', application: 'nonsense-line' }],
      signal: 'join',
      signalArgs: [{ request: next, ifRunning: 'queue' }],
    });
    for (const signal of ['join', 'withdraw']) await sendNonsense(line, signal);
    await line.signal('join', { request: { syncId: 'half' } });
    await line.signal('join', { request: { ...next, syncId: 'astray', application: 'other' } });
    await line.signal('join', { request: { ...next, syncId: 'last' } });
    const waiting = async () => (await line.query(lineQuery)).waiting.map(({ request }) => request.syncId);
    expect(await once(waiting, (ids) => ids.includes('last'))).toEqual(['next', 'last']);
    sync.application.finish();
    await line.result();
    expect(await failedTasks(line)).toBe(0);
  });

  it.each([
    ['syncApplication', [], /no request of a sync.*syncline sync/],
    ['syncApplication', [{ syncId: 'x' }], /`application` is no text/],
    ['queueSyncs', [], /without the `cluster` and the `application`/],
  ] as const)('closes a workflow that is started with it: %s %j', async (type, args, why) => {
    const handle = await lab.client.workflow.start(type, {
      workflowId: `by-hand/${type}/${String(args.length)}`,
      taskQueue: SYNC_QUEUE,
      args: [...args],
    });
    const error: unknown = await handle.result().catch((reason: unknown) => reason);
    expect(error instanceof WorkflowFailedError ? error.cause?.message : error).toMatch(why);
  });
});
