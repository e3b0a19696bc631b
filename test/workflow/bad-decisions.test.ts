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
    expect(await refusal(handle, 'reject', { by: 'ann', reason: ' ' })).toBe('reject needs `reason`: why');
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

describe.concurrent('two decisions at once', () => {
  const ANN = { by: 'ann', reason: 'looks right' };
  const BOB = { by: 'bob', reason: 'looks wrong' };
  const HOLDS = { onFailure: 'hold' } as const;
  const accepted = (handle: WorkflowHandle, update: string, sent: object) =>
    refusal(handle, update, sent).then((answer) => answer.startsWith('accepted'));

  it('on a gate: one is taken, the other told whose was', async () => {
    const sync = await lab.start('approve-reject', { plan: gatedPlan(), hooks: { 'db-migrate': 'wait' } });
    await statusOnce(sync, waitsAtGate);
    const [approved, rejected] = await Promise.all([
      refusal(sync.handle, 'approve', ANN),
      refusal(sync.handle, 'reject', BOB),
    ]);
    const isApproved = approved.startsWith('accepted');
    expect(rejected.startsWith('accepted')).toBe(!isApproved);
    expect(isApproved ? rejected : approved).toContain(isApproved ? 'approved by ann' : 'rejected by bob');
    sync.application.finish();
    const { status } = await sync.handle.result().then(
      ({ outcome }) => ({ status: outcome }),
      async () => ({ status: (await failureOf(sync)).result.failures[0]?.type }),
    );
    expect(status).toBe(isApproved ? 'Succeeded' : 'ApprovalRejected');
  });

  it('on a hold, one of them an abort: it ends as aborted, whoever was first', async () => {
    const script = { plan: fullPlan(), hooks: { 'db-migrate': 'fail', smoke: 'wait' } } as const;
    const sync = await lab.start('skip-abort', script, HOLDS);
    await statusOnce(sync, ({ state }) => state === 'holding');
    const skip = { ...ANN, step: 'db-migrate' };
    const [, isAborted] = await Promise.all([accepted(sync.handle, 'skip', skip), accepted(sync.handle, 'abort', BOB)]);
    expect(isAborted).toBe(true);
    expect((await failureOf(sync)).type).toBe('Aborted');
  });

  it('that are one, sent as an update and as a signal, count once', async () => {
    const sync = await lab.start('sent-twice', { plan: fullPlan(), hooks: { 'db-migrate': 'fail-twice' } }, HOLDS);
    const isHolding = ({ state, round = 1 }: SyncStatus, of: number) => state === 'holding' && round === of;
    await statusOnce(sync, (status) => isHolding(status, 1));
    await sync.handle.signal('retry', { ...ANN, id: 'one' });
    await statusOnce(sync, (status) => isHolding(status, 2));
    expect(await accepted(sync.handle, 'retry', { ...ANN, id: 'one' })).toBe(true);
    await sync.handle.signal('retry', { ...ANN, id: 'one' });
    expect(await sync.handle.query(statusQuery)).toMatchObject({ state: 'holding', round: 2, warnings: [] });
    expect(await accepted(sync.handle, 'retry', { ...ANN, id: 'two' })).toBe(true);
    expect((await sync.handle.result()).round).toBe(3);
  });

  it('on a sync that has closed: it goes on in one new run, also where that is over at once', async () => {
    const sync = await lab.start('closed-twice', { plan: fullPlan(), hooks: { 'db-migrate': 'fail-once' } });
    await failureOf(sync);
    const retry = (by: string) => lab.syncline.handle('closed-twice', { cluster: 'lab' }).retry({ by });
    const [one, other] = await Promise.allSettled([retry('ann'), retry('bob')]);
    const [failed] = [one, other].flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
    expect([one.status, other.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(failed).toMatch(/is running already|has gone on already/);
    const begun = one.status === 'fulfilled' ? one.value : other.status === 'fulfilled' ? other.value : undefined;
    expect(await begun?.result()).toMatchObject({ outcome: 'Succeeded', round: 2 });
    const before = lab.syncline.handle('closed-twice', { cluster: 'lab', runId: sync.handle.firstExecutionRunId });
    await expect(before.retry({ by: 'cid' })).rejects.toThrow(/has gone on already/);
    expect(sync.application.calls.filter((call) => call.includes('planSync again'))).toHaveLength(1);
  });

  it('that say too little are refused before they are sent, as nobody would answer a signal', async () => {
    const handle = lab.syncline.handle('nobody', { cluster: 'lab' });
    await expect(handle.skip({ by: 'ann', step: 'db-migrate', reason: ' ' })).rejects.toThrow('skip needs `reason`');
    await expect(handle.reject({ by: 'ann', reason: '' })).rejects.toThrow('reject needs `reason`');
    await expect(handle.approve({ by: '' })).rejects.toThrow('approve needs `by`');
    await expect(handle.retry({ by: 'ann', from: 'Presink' })).rejects.toThrow('"Presink" is no place in a plan');
  });
});
