import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { SynclineClient } from '../../client/syncline-client.ts';
import type { SyncStatus } from '../../core/sync/status.ts';
import { abortUpdate, retrySignal, retryUpdate, skipUpdate, statusQuery } from '../../workflows/messages.ts';
import { aPhase, aPlan, batch, fullPlan, hooks } from '../support/compact-plans.ts';
import { failureOf } from '../support/sync-endings.ts';
import type { LabSync, WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

let lab: WorkflowLab;
let client: SynclineClient;
beforeAll(async () => {
  lab = await openWorkflowLab();
  client = lab.syncline;
});
afterAll(() => lab.close());

const ANN = { by: 'ann', reason: 'the table is there now' };
const FAILS_ONCE = { plan: fullPlan(), hooks: { 'db-migrate': 'fail-once' } } as const;
const HOLDS = { onFailure: 'hold' } as const;

/** Resolves with the status of a sync once it holds. */
async function holding(sync: LabSync): Promise<SyncStatus> {
  for (;;) {
    const status = await sync.handle.query(statusQuery);
    if (status.state === 'holding') return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What was run or applied, in order. */
function work(sync: LabSync): readonly string[] {
  return sync.application.calls.filter((call) => /^(?!fenced).*(planSync|runHook|applySegment|finishSync)/.test(call));
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => 'accepted',
    (reason: unknown) => reason,
  );
  return error instanceof WorkflowUpdateFailedError ? (error.cause?.message ?? '') : String(error);
}

describe.concurrent('a sync that holds after a failure', () => {
  it('waits with the failure shown, and goes on at the failed step when it is retried', async () => {
    const sync = await lab.start('held', FAILS_ONCE, HOLDS);
    const status = await holding(sync);
    expect(status).toMatchObject({
      failures: [{ type: 'HookFailed' }],
      hold: { since: expect.any(Number) as number, deadlineMs: 24 * 60 * 60_000 },
    });
    const { typedSearchAttributes } = await sync.handle.describe();
    expect(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])).toContainEqual([
      'SynclinePhase',
      'Holding',
    ]);
    await sync.handle.executeUpdate(retryUpdate, { args: [ANN] });
    const result = await sync.handle.result();
    expect(result).toMatchObject({
      outcome: 'Succeeded',
      failures: [],
      round: 2,
      interventions: [{ what: 'retried at the failed step', ...ANN }],
    });
    expect(result).not.toHaveProperty('hold');
    expect(work(sync)).toEqual([
      'planSync',
      'PreSync runHook db-migrate',
      'PreSync runHook db-migrate round 2 since 1',
      'Sync applySegment 0/0',
      'Sync applySegment 1/0',
      'Sync runHook seed round 2 since 1',
      'PostSync runHook smoke round 2 since 1',
      'finishSync Succeeded verified',
    ]);
  });

  it('does not run again what has succeeded in the failed wave', async () => {
    const plan = aPlan(aPhase('PreSync', [hooks('backup')], [hooks('db-migrate', 'warm'), batch()]));
    const sync = await lab.start('held-wave', { plan, hooks: { 'db-migrate': 'fail-once' } }, HOLDS);
    await holding(sync);
    await sync.handle.executeUpdate(retryUpdate, { args: [ANN] });
    await sync.handle.result();
    const count = (part: string): number => work(sync).filter((call) => call.includes(part)).length;
    expect({
      backup: count('runHook backup'),
      warm: count('runHook warm'),
      migrate: count('runHook db-migrate'),
    }).toEqual({
      backup: 1,
      warm: 1,
      migrate: 2,
    });
  });

  it('goes on without a step that is skipped, and says who has skipped it', async () => {
    const sync = await lab.start('skipped', { plan: fullPlan(), hooks: { 'db-migrate': 'fail' } }, HOLDS);
    await holding(sync);
    await sync.handle.executeUpdate(skipUpdate, { args: [{ ...ANN, step: 'Job/db-migrate' }] });
    const result = await sync.handle.result();
    expect(result.outcome).toBe('Succeeded');
    expect(result.phases[0]?.waves[0]?.steps[0]).toMatchObject({ state: 'skipped', skipped: ANN });
    expect(work(sync).filter((call) => call.includes('db-migrate'))).toHaveLength(1);
  });

  it('does not repair at its end what was skipped', async () => {
    const plan = aPlan(aPhase('Sync', [batch()], [hooks('seed')]));
    const sync = await lab.start('skipped-batch', { plan, batch: 'fail' }, HOLDS);
    await holding(sync);
    await sync.handle.executeUpdate(skipUpdate, { args: [{ ...ANN, step: 'Sync:0' }] });
    expect((await sync.handle.result()).outcome).toBe('Succeeded');
    expect(work(sync).at(-1)).toBe('finishSync Succeeded verified without Sync/0');
  });

  it('runs everything from a place on again, as new attempts', async () => {
    const sync = await lab.start('held-from', { plan: fullPlan(), hooks: { smoke: 'fail-once' } }, HOLDS);
    await holding(sync);
    await sync.handle.executeUpdate(retryUpdate, { args: [{ ...ANN, from: 'Sync:1' }] });
    await sync.handle.result();
    expect(work(sync).slice(-4)).toEqual([
      'Sync applySegment 1/0',
      'Sync runHook seed round 2 since 2',
      'PostSync runHook smoke round 2 since 2',
      'finishSync Succeeded verified',
    ]);
  });

  it('can be retried by a signal without a word, as Temporal’s UI sends it', async () => {
    const sync = await lab.start('held-signal', FAILS_ONCE, HOLDS);
    await holding(sync);
    await sync.handle.signal(retrySignal);
    expect((await sync.handle.result()).interventions).toMatchObject([{ by: 'a signal' }]);
  });

  it('holds again when it fails again, and runs the alerts only once it ends', async () => {
    const sync = await lab.start('held-twice', { plan: fullPlan(), hooks: { 'db-migrate': 'fail' } }, HOLDS);
    await holding(sync);
    await sync.handle.executeUpdate(retryUpdate, { args: [ANN] });
    await sync.application.called('PreSync ended db-migrate', 2);
    await holding(sync);
    expect(work(sync).join()).not.toContain('alert');
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'bob' }] });
    const { type, result } = await failureOf(sync);
    expect(type).toBe('Aborted');
    expect(result.failures.map((failure) => failure.type)).toContain('Aborted');
  });

  it('fails when nobody decides in time, and then the alerts run', async () => {
    const sync = await lab.start(
      'held-out',
      { plan: fullPlan(), hooks: { 'db-migrate': 'fail' } },
      { ...HOLDS, holdForMs: 300 },
    );
    const { result } = await failureOf(sync);
    expect(result).toMatchObject({ outcome: 'Failed', failures: [{ type: 'HookFailed' }] });
    expect(work(sync).slice(-2)).toEqual(['SyncFail runHook alert', 'finishSync Failed']);
  });

  it.each<[string, object, string]>([
    ['unknown', { ...ANN, only: 'nobody' }, 'there is no step nobody; there are Job/db-migrate'],
    ['place', { ...ANN, from: 'Sync:9' }, 'the plan has no Sync:9'],
    ['both', { ...ANN, from: 'Sync', restart: true }, 'one of `from`, `only` and `restart`'],
    ['nameless', {}, 'retry needs `by`'],
  ])('refuses an order that can’t be followed (%s), and goes on unharmed', async (name, order, why) => {
    const sync = await lab.start(`refuses-${name}`, FAILS_ONCE, HOLDS);
    await holding(sync);
    const sent = sync.handle.executeUpdate(retryUpdate, { args: [order as typeof ANN] });
    expect(await refusal(sent)).toContain(why);
    await sync.handle.executeUpdate(retryUpdate, { args: [ANN] });
    expect((await sync.handle.result()).outcome).toBe('Succeeded');
  });

  it('takes one of two decisions that come at once', async () => {
    const sync = await lab.start('held-race', FAILS_ONCE, HOLDS);
    await holding(sync);
    const outcomes = await Promise.all(
      [ANN, { by: 'bob' }].map((order) => refusal(sync.handle.executeUpdate(retryUpdate, { args: [order] }))),
    );
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(outcomes.find((outcome) => outcome !== 'accepted')).toMatch(/has decided already|does not hold/);
    expect((await sync.handle.result()).interventions).toHaveLength(1);
  });
});

it('the time it holds does not count against the deadline of the sync', async () => {
  const limitMs = 5_000;
  const sync = await lab.start('held-long', FAILS_ONCE, { ...HOLDS, timeoutMs: limitMs });
  await holding(sync);
  const overdue = sync.request.requestedAt + limitMs + 500;
  await new Promise((resolve) => setTimeout(resolve, overdue - Date.now()));
  await sync.handle.executeUpdate(retryUpdate, { args: [ANN] });
  await sync.application.called('PreSync ended db-migrate', 2);
  await sync.handle.result().catch(() => undefined);
});

it('an order to a sync that does not hold is refused', async () => {
  const sync = await lab.start('busy', { plan: fullPlan(), hooks: { 'db-migrate': 'wait' } });
  await sync.application.called('PreSync runHook db-migrate');
  expect(await refusal(sync.handle.executeUpdate(retryUpdate, { args: [ANN] }))).toContain(
    'does not hold: it is running',
  );
  sync.application.finish();
  expect((await sync.handle.result()).outcome).toBe('Succeeded');
});

describe.concurrent('a sync that has failed and closed', () => {
  const handleOf = (name: string) => client.handle(name, { cluster: 'lab' });

  it('goes on at the failed step in a new run, with the same plan and the same sync ID', async () => {
    const sync = await lab.start('closed', FAILS_ONCE);
    const { result: before } = await failureOf(sync);
    const resumed = await handleOf('closed').retry(ANN);
    const result = await resumed.result();
    expect(result).toMatchObject({ outcome: 'Succeeded', syncId: before.syncId, plan: before.plan, round: 2 });
    expect(result.interventions).toMatchObject([ANN]);
    expect(work(sync).slice(work(sync).indexOf('finishSync Failed') + 1)).toEqual([
      'planSync again sha256:plan',
      'PreSync runHook db-migrate round 2 since 1',
      'Sync applySegment 0/0',
      'Sync applySegment 1/0',
      'Sync runHook seed round 2 since 1',
      'PostSync runHook smoke round 2 since 1',
      'finishSync Succeeded verified',
    ]);
  });

  it('shows what had succeeded before as it was', async () => {
    const plan = aPlan(aPhase('PreSync', [hooks('backup')]), aPhase('PostSync', [hooks('smoke')]));
    await failureOf(await lab.start('closed-late', { plan, hooks: { smoke: 'fail-once' } }));
    const result = await (await handleOf('closed-late').retry({ by: 'ann' })).result();
    expect(result.phases[0]).toMatchObject({
      state: 'succeeded',
      waves: [{ steps: [{ state: 'succeeded', attempt: 1 }] }],
    });
  });

  it('alerts again when it fails again', async () => {
    const sync = await lab.start('closed-again', { plan: fullPlan(), hooks: { 'db-migrate': 'fail' } });
    await failureOf(sync);
    expect((await (await handleOf('closed-again').retry({ by: 'ann' })).result()).outcome).toBe('Failed');
    expect(work(sync).at(-2)).toBe('SyncFail runHook alert round 2 since 2');
  });

  it('goes on without a step', async () => {
    await failureOf(await lab.start('closed-skip', { plan: fullPlan(), hooks: { 'db-migrate': 'fail' } }));
    const resumed = await handleOf('closed-skip').skip({ by: 'ann', reason: 'done by hand', step: 'db-migrate' });
    expect((await resumed.result()).outcome).toBe('Succeeded');
    expect((await resumed.status()).status.phases[0]?.waves.flatMap(({ steps }) => steps)).toContainEqual(
      expect.objectContaining({
        state: 'skipped',
        skipped: expect.objectContaining({ by: 'ann', reason: 'done by hand' }) as unknown,
      }),
    );
  });

  it('goes on after an abort too', async () => {
    const sync = await lab.start('closed-abort', { plan: fullPlan(), hooks: { smoke: 'wait' } });
    await sync.application.called('PostSync runHook smoke');
    await sync.handle.executeUpdate(abortUpdate, { args: [{ by: 'bob' }] });
    await failureOf(sync);
    sync.application.finish();
    const resumed = await handleOf('closed-abort').retry({ by: 'ann' });
    expect((await resumed.result()).outcome).toBe('Succeeded');
    expect(work(sync).filter((call) => call.includes('db-migrate'))).toHaveLength(1);
  });

  it('goes on after it was terminated in Temporal', async () => {
    const sync = await lab.start('closed-terminate', { plan: fullPlan(), hooks: { seed: 'wait' } });
    await sync.application.called('Sync runHook seed');
    await sync.handle.terminate('by hand');
    sync.application.finish();
    const resumed = await handleOf('closed-terminate').retry({ by: 'ann' });
    expect((await resumed.result()).outcome).toBe('Succeeded');
    expect(work(sync).filter((call) => call.includes('db-migrate'))).toHaveLength(1);
  });

  it.each([
    ['done', { plan: fullPlan() }, 'nothing is left to retry'],
    [
      'unplanned',
      { plan: fullPlan(), planFailures: [{ type: 'InvalidManifest', message: 'no' }] },
      'before it had a plan',
    ],
  ] as const)('is not retried where that makes no sense (%s)', async (name, script, why) => {
    const sync = await lab.start(`closed-${name}`, script);
    await sync.handle.result().catch(() => undefined);
    await expect(handleOf(`closed-${name}`).retry({ by: 'ann' })).rejects.toThrow(why);
  });
});

describe.concurrent('a sync that begins at a place of its plan', () => {
  it('does everything from there on, lists what it leaves out, and is retried without that', async () => {
    const script = { plan: fullPlan(), hooks: { smoke: 'fail-once' } } as const;
    const sync = await lab.start('late', script, { from: 'Sync:1' });
    const { result } = await failureOf(sync);
    expect(result).toMatchObject({
      from: { place: 'Sync:1', leftOut: ['PreSync wave 0 (Job/db-migrate)', 'Sync wave 0 (3 objects)'] },
      warnings: ['Left out: PreSync wave 0 (Job/db-migrate), Sync wave 0 (3 objects).'],
      phases: [
        { state: 'skipped' },
        { waves: [{ state: 'skipped' }, { state: 'succeeded' }] },
        { state: 'failed' },
        {},
      ],
    });
    expect(work(sync)).toEqual([
      'planSync',
      'Sync applySegment 1/0',
      'Sync runHook seed',
      'PostSync runHook smoke',
      'SyncFail runHook alert',
      'finishSync Failed',
    ]);
    const handle = await client.handle('late', { cluster: 'lab' }).retry({ by: 'ann' });
    expect((await handle.result()).outcome).toBe('Succeeded');
    expect(work(sync).slice(6)).toEqual([
      'planSync again sha256:plan',
      'PostSync runHook smoke round 2 since 1',
      'finishSync Succeeded verified without Sync/0',
    ]);
  });

  it('fails with nothing changed where its plan has no such place', async () => {
    const sync = await lab.start('nowhere', { plan: fullPlan() }, { from: 'Sync:7' });
    const { result } = await failureOf(sync);
    expect(result.failures).toEqual([
      { type: 'InvalidRequest', message: 'the plan has no Sync:7; it has PreSync:0, Sync:0, Sync:1, PostSync:0' },
    ]);
    expect(work(sync)).toEqual(['planSync']);
  });
});
