import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phaseWorkflowIdOf, workflowIdOf } from '../../core/markers.ts';
import { creations, historyOf } from './support/audit.ts';
import { configMap, job } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { Application, World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

const rootOf = (app: Application) => workflowIdOf('default', app.name);
const phaseOf = (app: Application, phase: string) => phaseWorkflowIdOf('default', app.name, phase);

/** The run of a workflow, and every workflow task of it that it can be reset to. */
async function tasksOf(workflowId: string) {
  const { runId } = await world.histories.client.workflow.getHandle(workflowId).describe();
  const { events } = await world.histories.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const completed = (events ?? []).filter(({ workflowTaskCompletedEventAttributes: task }) => Boolean(task));
  return { workflowId, runId, tasks: completed.flatMap(({ eventId }) => eventId ?? []) };
}

/** Resets a run to a task, as the button in Temporal's UI does. Answers the run that goes on. */
async function reset(
  workflowId: string,
  runId: string,
  workflowTaskFinishEventId: Awaited<ReturnType<typeof tasksOf>>['tasks'][number],
) {
  const { runId: next } = await world.histories.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'test',
    requestId: `${workflowId}/${runId}/${String(workflowTaskFinishEventId)}`,
    workflowTaskFinishEventId,
  });
  return world.histories.client.workflow.getHandle(workflowId, next);
}

/** Resets a run to each of its tasks, the last one first, each once the run before has ended. Answers how many there were. */
async function resetToEach(workflowId: string): Promise<number> {
  const { runId, tasks } = await tasksOf(workflowId);
  for (const task of tasks.toReversed()) {
    const handle = await reset(workflowId, runId, task);
    await handle.result().catch(() => undefined);
  }
  return tasks.length;
}

async function statusOf(app: Application): Promise<unknown> {
  return JSON.parse((await world.cli(['status', app.name, '-o', 'json'])).stdout);
}

describe.concurrent('a reset to any workflow task', () => {
  const objects = [job('migrate', { hook: 'PreSync' }), configMap('settings')];

  test('of a sync that has succeeded, root and phases: ends as it did, and its hook has run once', async () => {
    const app = await world.application('reset-over');
    expect(await app.sync(objects)).toMatchObject({ code: 0 });
    const phases = [await resetToEach(phaseOf(app, 'PreSync')), await resetToEach(phaseOf(app, 'Sync'))];
    const tasks = await resetToEach(rootOf(app));
    expect(Math.min(tasks, ...phases)).toBeGreaterThan(2);
    expect(await statusOf(app)).toMatchObject({ outcome: 'Succeeded' });
    expect(historyOf(await app.events(), 'jobs', 'migrate')).toMatchObject({ created: 1, pods: 1 });
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'configmaps/settings']);
    expect((await app.record()).holder).toBeNull();
  });

  test('of a sync that has failed: is a new attempt of the failed hook alone, of which each has run once', async () => {
    const app = await world.application('reset-failed');
    const failing = job('check', { hook: 'PreSync', wave: 1, pods: { 'exit-code': '1', 'fail-after': '100ms' } });
    expect(await app.sync([...objects, failing])).toMatchObject({ code: 1 });
    await resetToEach(rootOf(app));
    const events = await app.events();
    expect(historyOf(events, 'jobs', 'migrate')).toMatchObject({ created: 1, pods: 1 });
    const attempts = (await app.record()).ledger;
    const made = Object.entries(attempts).find(([id]) => id.includes('check'))?.[1] ?? [];
    expect(new Set(made.map(({ uid }) => uid)).size).toBe(made.length);
    expect(historyOf(events, 'jobs', 'check')).toMatchObject({ created: made.length, pods: made.length });
    expect((await app.record()).holder).toBeNull();
  });

  test('of a sync whose hook runs, root and phase: goes on with the hook that runs', async () => {
    const app = await world.application('reset-running');
    const sync = await app.start([job('migrate', { hook: 'PreSync', pods: { hang: 'true' } }), configMap('settings')]);
    await app.podRuns('migrate');
    for (const workflowId of [phaseOf(app, 'PreSync'), rootOf(app)]) {
      const { runId, tasks } = await tasksOf(workflowId);
      for (const task of tasks) await reset(workflowId, runId, task);
    }
    await app.letEnd('migrate');
    await sync.ended;
    await until('the sync is over', async () => ('outcome' in ((await statusOf(app)) as object) ? true : undefined));
    expect(await statusOf(app)).toMatchObject({ outcome: 'Succeeded' });
    expect(historyOf(await app.events(), 'jobs', 'migrate')).toMatchObject({ created: 1, pods: 1 });
    expect((await app.record()).holder).toBeNull();
  });
});
