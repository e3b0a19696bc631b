import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueIdOf, workflowIdOf } from '../../core/markers.ts';
import type { WorkerVersion } from '../../worker/versioning.ts';
import { aPhase, aPlan, batch, hooks } from '../support/compact-plans.ts';
import type { WorkflowLab } from '../support/workflow-lab.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

const OLD: WorkerVersion = { deploymentName: 'syncline', buildId: 'v1' };
const NEW: WorkerVersion = { deploymentName: 'syncline', buildId: 'v2' };

let lab: WorkflowLab;
beforeAll(async () => {
  lab = await openWorkflowLab(OLD);
});
afterAll(() => lab.close());

/** Lets new syncs begin on a version, once its workers are known. */
async function promote({ deploymentName, buildId }: WorkerVersion): Promise<void> {
  for (;;) {
    const { workflowService } = lab.client;
    const known = await workflowService
      .describeWorkerDeploymentVersion({
        namespace: 'default',
        deploymentVersion: { deploymentName, buildId },
      })
      .catch(() => undefined);
    if ((known?.workerDeploymentVersionInfo?.taskQueueInfos ?? []).length >= 3) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await lab.client.workflowService.setWorkerDeploymentCurrentVersion({
    namespace: 'default',
    deploymentName,
    buildId,
    identity: 'test',
  });
}

/** The versions of the workers that have carried out a workflow's tasks and activities. */
async function versionsOf(workflowId: string, runId?: string): Promise<readonly string[]> {
  const { events } = await lab.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const identities = (events ?? []).flatMap(
    (event) =>
      event.workflowTaskCompletedEventAttributes?.identity ?? event.activityTaskStartedEventAttributes?.identity ?? [],
  );
  return [...new Set(identities)];
}

describe('workers of two versions', () => {
  it('leave a sync to the version it began on, and begin the next one on the current version', async () => {
    await promote(OLD);
    const plan = aPlan(aPhase('PreSync', [hooks('long')]), aPhase('Sync', [batch()]));
    const app = lab.script('versioned', { plan, hooks: { long: 'wait' } });
    const order = { application: 'versioned', cluster: 'lab', namespace: 'shop', requestedBy: 'ann', manifests: [] };
    const first = await lab.syncline.sync({ ...order, revision: 'r1' });
    await app.called('PreSync runHook long');
    const second = await lab.syncline.sync({ ...order, revision: 'r2', ifRunning: 'queue' });
    await second.status();
    await lab.startWorker(NEW);
    await promote(NEW);
    await expect
      .poll(async () => (await lab.syncline.workers()).map(({ identity }) => identity).sort())
      .toEqual(['v1', 'v2']);
    app.finish();
    expect((await first.result()).outcome).toBe('Succeeded');
    expect((await second.result()).outcome).toBe('Succeeded');
    const id = workflowIdOf('lab', 'versioned');
    expect(await versionsOf(id, first.runId)).toEqual(['v1']);
    expect(await versionsOf(id)).toEqual(['v2']);
    expect(await versionsOf(`${id}/PreSync`)).toEqual(['v2']);
    expect(await versionsOf(queueIdOf('lab', 'versioned'))).toContain('v2');
  });
});
