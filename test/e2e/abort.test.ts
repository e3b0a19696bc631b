import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringAt } from '../../core/json.ts';
import { workflowIdOf } from '../../core/markers.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { SyncStatus } from '../../core/sync/status.ts';
import { creations, historyOf, written } from './support/audit.ts';
import { configMap, job } from './support/manifests.ts';
import type { CliResult } from './support/processes.ts';
import { until } from './support/waiting.ts';
import type { Application, World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

const LOG = 'applying 0042\nwaiting for a lock\n';

const hanging: readonly KubernetesObject[] = [
  job('migrate', { hook: 'PreSync', pods: { hang: 'true', log: 'applying 0042\nwaiting for a lock' } }),
  configMap('settings'),
  job('smoke', { hook: 'PostSync' }),
  job('alert', { hook: 'SyncFail' }),
];

/** Starts a sync whose migration hangs, stops it in its middle, and answers how it ended. */
async function stopped(
  app: Application,
  stop: () => Promise<unknown>,
  ...flags: readonly string[]
): Promise<CliResult> {
  const sync = await app.start(hanging, ...flags);
  await app.podRuns('migrate');
  await stop();
  return sync.ended;
}

/** What holds after each stop: the hook is gone and its log is there, nothing later was begun, the next sync may begin. */
async function expectStopped(app: Application, created: readonly string[]): Promise<void> {
  await expectNothingLeft(app, created);
  const logs = await world.cli(['logs', app.name, 'migrate']);
  expect(logs).toMatchObject({ code: 0, stdout: LOG });
}

async function expectNothingLeft(app: Application, created: readonly string[]): Promise<void> {
  expect(creations(await app.writes())).toEqual(created);
  // A Job that is deleted in the foreground goes once its pods have gone.
  await until('the hook is gone', async () => {
    const pods = (await app.list('Pod')).map((each) => stringAt(each, 'metadata', 'name') ?? '');
    const isGone = (await app.get('Job', 'migrate')) === undefined && !pods.some((name) => name.startsWith('migrate-'));
    return isGone || undefined;
  });
  expect(historyOf(await app.events(), 'jobs', 'migrate')).toMatchObject({ created: 1, patched: 1, pods: 1 });
  expect((await app.record()).holder).toBeNull();
}

describe.concurrent('a sync that is terminated in Temporal', () => {
  test('has its hook stopped by its phase, and tells what was done; a sweep then lets go of its record', async () => {
    const app = await world.application('terminated-sweep');
    const { code, stdout } = await stopped(app, () =>
      world.histories.client.workflow.getHandle(workflowIdOf('default', app.name)).terminate('by hand'),
    );
    expect(code).toBe(3);
    expect(stdout).toMatch(/terminated in Temporal by .+: by hand/);
    for (const command of ['status', 'explain']) {
      const told = await world.cli([command, app.name]);
      expect(told.stdout, command).toMatch(/terminated in Temporal by .+: by hand/);
      expect(told.stdout, command).toContain(`syncline retry ${app.name}`);
      expect(told.stdout, command).toContain('waiting for a lock');
    }
    const { phases } = JSON.parse((await world.cli(['status', app.name, '-o', 'json'])).stdout) as SyncStatus;
    expect(phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      ...['PreSync aborted', 'Sync skipped', 'PostSync skipped', 'SyncFail skipped'],
    ]);
    expect(await world.cli(['logs', app.name, 'migrate'])).toMatchObject({ stdout: LOG });
    expect((await world.cli(['events', app.name, 'migrate'])).stdout).toContain('SuccessfulCreate');
    await until('the history has it', async () => {
      const { stdout: history } = await world.cli(['history', app.name]);
      return /1 .*Aborted.*PreSync .*aborted/.test(history) || undefined;
    });
    await until('the record is let go of', async () => {
      expect(await world.cli(['sweep', app.name])).toMatchObject({ code: 0 });
      return (await app.record()).holder === null || undefined;
    });
    await expectNothingLeft(app, ['jobs/migrate']);
  });
});

describe.concurrent('a sync that is stopped', () => {
  test('by `syncline abort`: ends with code 3, and its hook with it [argo 2.7.running] [argo 2.7.outcome] [argo 2.7.deletion] [argo 5.40] [argo 6.terminate]', async () => {
    const app = await world.application('aborted');
    const abort = async (): Promise<void> => {
      const answer = await world.cli(['abort', app.name, '--reason', 'wrong release']);
      expect(answer).toMatchObject({ code: 0, stderr: '' });
    };
    const { code, stdout } = await stopped(app, abort);
    expect(code).toBe(3);
    expect(stdout).toMatch(/Job\/migrate was stopped in PreSync wave 0/);
    expect(stdout).toContain('wrong release');
    await expectStopped(app, ['jobs/migrate']);
  });

  test('by `syncline abort`, with alerts asked for: its SyncFail hooks run [argo 2.5.not-triggered]', async () => {
    const app = await world.application('aborted-alert');
    const { code } = await stopped(app, () => world.cli(['abort', app.name]), '--sync-fail-on-abort');
    expect(code).toBe(3);
    await expectStopped(app, ['jobs/migrate', 'jobs/alert']);
  });

  test('in the middle of Sync: leaves resources as they are [argo 2.7.resources]', async () => {
    const app = await world.application('aborted-sync');
    const seed = job('seed', { hook: 'Sync', pods: { hang: 'true' } });
    const sync = await app.start([configMap('settings'), seed]);
    await app.podRuns('seed');
    expect(await world.cli(['abort', app.name])).toMatchObject({ code: 0 });
    expect(await sync.ended).toMatchObject({ code: 3 });
    expect((await app.writes({ verb: 'delete' })).map(written)).toEqual(['delete jobs/seed']);
    expect(await app.get('ConfigMap', 'settings')).toBeDefined();
  });

  test('by a cancel in Temporal: the same', async () => {
    const app = await world.application('cancelled');
    const workflow = world.histories.client.workflow.getHandle(workflowIdOf('default', app.name));
    const { code, stdout } = await stopped(app, () => workflow.cancel());
    expect(code).toBe(3);
    expect(stdout).toContain('cancelled');
    await expectStopped(app, ['jobs/migrate']);
  });

  test('by its own --timeout: has failed, with its SyncFail hooks run [argo 2.5.not-triggered] [argo 2.8.timeout]', async () => {
    const app = await world.application('timed-out');
    const { code, stdout } = await stopped(app, async () => undefined, '--timeout', '15s');
    expect(code).toBe(1);
    expect(stdout).toMatch(/SyncTimedOut/);
    await expectStopped(app, ['jobs/migrate', 'jobs/alert']);
  });

  test('while nothing runs: says so', async () => {
    const app = await world.application('idle');
    expect(await app.sync([configMap('settings')])).toMatchObject({ code: 0 });
    const { code, stderr } = await world.cli(['abort', app.name]);
    expect(code).toBe(2);
    expect(stderr).toContain('no sync of idle is running');
  });
});

describe.concurrent('a sync that is not waited for', () => {
  const slow = [job('migrate', { hook: 'PreSync', pods: { hang: 'true' } }), configMap('settings')];

  test('goes on after --wait-timeout, which ends with code 5, and refuses a second one with code 1', async () => {
    const app = await world.application('left');
    const left = await app.sync(slow, '--wait-timeout', '1s');
    expect(left.code).toBe(5);
    expect(left.stderr).toContain('the sync of left goes on');
    const second = await app.sync([configMap('other')]);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/already|runs/);
    await app.podRuns('migrate');
    await app.letEnd('migrate');
    const result = await world.client.handle(app.name, { cluster: 'default' }).result();
    expect(result.outcome).toBe('Succeeded');
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'configmaps/settings']);
  });

  test('is accepted with code 0 by --detach, and can be followed', async () => {
    const app = await world.application('detached');
    expect(await app.sync([job('migrate', { hook: 'PreSync' })], '--detach')).toMatchObject({ code: 0, stderr: '' });
    const followed = await world.cli(['status', app.name, '--watch']);
    expect([followed.code, followed.stderr]).toEqual([0, '']);
    expect(followed.stdout).toContain('detached succeeded');
  });

  test('that is aborted tells its follower so by code 3', async () => {
    const app = await world.application('followed');
    expect(await app.sync(hanging, '--detach')).toMatchObject({ code: 0 });
    await app.podRuns('migrate');
    const following = world.start(['status', app.name, '--watch']);
    expect(await world.cli(['abort', app.name])).toMatchObject({ code: 0 });
    expect(await following.ended).toMatchObject({ code: 3 });
  });
});
