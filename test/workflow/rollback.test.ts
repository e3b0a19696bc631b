import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SynclineClient } from '../../client/syncline-client.ts';
import { connect } from '../../client/client.ts';
import type { SyncHandle } from '../../client/handle.ts';
import type { SyncOrder } from '../../client/starting/request.ts';
import type { SyncView } from '../../client/following/view.ts';
import type { RollbackTo } from '../../core/history/rollback.ts';
import { queueIdOf, workflowIdOf } from '../../core/markers.ts';
import { parseManifests } from '../../core/manifests/parse.ts';
import type { Manifest } from '../../core/manifests/manifest.ts';
import { aPhase, aPlan, batch, hooks } from '../support/compact-plans.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../core/sync/request.ts';
import { memoryStore } from '../support/planned-sync.ts';
import type { WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

let lab: WorkflowLab;
let client: SynclineClient;
beforeAll(async () => {
  lab = await openWorkflowLab();
  const { address } = (lab.client.connection as unknown as { readonly options: { readonly address: string } }).options;
  client = await connect({ address, namespace: 'default', bundles: memoryStore() });
});
afterAll(async () => {
  await client.close();
  await lab.close();
});

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

const PLAN = aPlan(
  aPhase('PreSync', [hooks('migrate')]),
  aPhase('Sync', [batch()]),
  aPhase('SyncFail', [hooks('alert')]),
);
const GOOD: RollbackTo = {
  ...{ syncId: 'sgood', number: 4, bundle: `sha256:${'a'.repeat(64)}`, revision: 'good' },
  request: {
    createNamespace: true,
    options: {
      ...DEFAULT_SYNC_OPTIONS,
      prune: true,
      onFailure: 'rollback',
      selection: { hooks: 'skip' },
      takeOver: true,
    },
  },
};
const FALLING = { plan: PLAN, hooks: { migrate: 'fail-once' }, rollback: GOOD } as const;
const ROLLBACK = { options: { onFailure: 'rollback' } } as const;

/** The request that the latest sync of an application was started with. */
async function latestRequest(application: string): Promise<SyncRequest> {
  const history = await lab.client.workflow.getHandle(workflowIdOf('lab', application)).fetchHistory();
  const payload = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  return JSON.parse(Buffer.from(payload?.data ?? []).toString()) as SyncRequest;
}

describe.concurrent('a sync that fails and asks for a rollback', () => {
  it('is followed by one sync of what succeeded last, with the options of then, after its SyncFail hooks', async () => {
    const app = lab.script('falls', FALLING);
    const failed = await (await ask('falls', 'bad', ROLLBACK)).result();
    expect(failed).toMatchObject({ outcome: 'Failed', revision: 'bad' });
    expect(failed.warnings.join()).toContain('It is followed by a rollback to sync 4, revision good');
    await lab.client.workflow.getHandle(queueIdOf('lab', 'falls')).result();
    const back = await client.handle('falls', { cluster: 'lab' }).result();
    expect(back).toMatchObject({
      outcome: 'Succeeded',
      rollback: { syncId: 'sgood', number: 4, after: failed.syncId },
    });
    expect(await latestRequest('falls')).toMatchObject({
      ...{ bundle: GOOD.bundle, revision: 'good', createNamespace: true, requestedBy: 'ann' },
      options: { ...DEFAULT_SYNC_OPTIONS, prune: true },
    });
    expect(app.calls.filter((call) => call === 'planSync')).toHaveLength(2);
    const alert = app.calls.indexOf('SyncFail runHook alert');
    expect(alert).toBeGreaterThan(0);
    expect(alert).toBeLessThan(app.calls.lastIndexOf('planSync'));
  });

  it('is followed by nothing more where the rollback fails too', async () => {
    const app = lab.script('falls-twice', { ...FALLING, hooks: { migrate: 'fail' } });
    await (await ask('falls-twice', 'bad', ROLLBACK)).result();
    await lab.client.workflow.getHandle(queueIdOf('lab', 'falls-twice')).result();
    const back = await client.handle('falls-twice', { cluster: 'lab' }).result();
    expect(back).toMatchObject({ outcome: 'Failed', revision: 'good' });
    expect(back.warnings.join()).not.toContain('followed by a rollback');
    expect(app.calls.filter((call) => call === 'planSync')).toHaveLength(2);
  });

  it('is not rolled back where a newer request waits in the line, which would be undone', async () => {
    const app = lab.script('overtaken', { ...FALLING, hooks: { migrate: 'fail-once', alert: 'wait' } });
    const failing = await ask('overtaken', 'bad', ROLLBACK);
    await app.called('SyncFail runHook alert');
    const next = await ask('overtaken', 'next', { ifRunning: 'queue' });
    await viewOf(next, ({ status }) => status.state === 'queued');
    app.finish();
    const failed = await failing.result();
    expect(failed.warnings).toEqual(['It is not rolled back: another sync waits for its turn.']);
    expect(await next.result()).toMatchObject({ outcome: 'Succeeded', revision: 'next' });
    expect((await latestRequest('overtaken')).revision).toBe('next');
  });

  it('is not rolled back where it was aborted', async () => {
    const app = lab.script('stopped', { ...FALLING, hooks: { migrate: 'wait' } });
    const handle = await ask('stopped', 'bad', ROLLBACK);
    await app.called('PreSync runHook migrate');
    await handle.abort({ by: 'ann' });
    expect(await handle.result()).toMatchObject({ outcome: 'Aborted' });
    expect((await latestRequest('stopped')).revision).toBe('bad');
  });
});
