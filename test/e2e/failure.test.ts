import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringAt } from '../../core/json.ts';
import { creations, historyOf } from './support/audit.ts';
import { configMap, deployment, job, pod } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

const alert = job('alert', { hook: 'SyncFail', policy: 'HookSucceeded', pods: { log: 'alerted' } });
const broken = { 'exit-code': '3', log: 'applying 0042\nERROR: no such table' };

describe.concurrent('a sync that fails', () => {
  test('tells of a migration that fails everything there is to know, and changes nothing more [argo 2.5.triggers] [argo 5.53] [argo 6.causes]', async () => {
    const app = await world.application('migration');
    const { code, stdout } = await app.sync([
      job('migrate', { hook: 'PreSync', pods: broken }),
      job('seed', { hook: 'PreSync', wave: 1 }),
      configMap('settings'),
      job('smoke', { hook: 'PostSync' }),
      alert,
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ Job\/migrate failed in PreSync wave 0/);
    expect(stdout).toContain('container main: terminated: Error, exit code 3');
    expect(stdout).toMatch(/^\s+applying 0042$/m);
    expect(stdout).toMatch(/^\s+ERROR: no such table$/m);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'not run: PreSync wave 1 (Job/seed), Sync wave 0 (ConfigMap/settings), PostSync wave 0 (Job/smoke)',
    );
    expect(stdout).toContain('SyncFail: Job/alert succeeded');
    expect(stdout).toContain('exit code 1');
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'jobs/alert']);
    expect(historyOf(await app.events(), 'jobs', 'migrate')).toMatchObject({ created: 1, pods: 1 });
    expect((await app.record()).holder).toBeNull();
  });

  test('deletes a failed hook whose policy says so, and keeps its log [argo 2.5.HookFailed-first] [argo 2.6.HookFailed] [argo 5.59] [argo 6.kept-logs]', async () => {
    const app = await world.application('hook-failed');
    const { code } = await app.sync([job('migrate', { hook: 'PreSync', policy: 'HookFailed', pods: broken })]);
    expect(code).toBe(1);
    await app.gone('Job', 'migrate');
    const logs = await world.cli(['logs', app.name, 'migrate']);
    expect(logs).toMatchObject({ code: 0, stdout: 'applying 0042\nERROR: no such table\n' });
  });

  test('stops before the wave behind a Deployment that does not come up, until it is mended [argo 2.5.triggers] [argo 5.61]', async () => {
    const app = await world.application('degraded');
    const { code, stdout } = await app.sync([
      deployment('web', { spec: { progressDeadlineSeconds: 2 }, pods: { pending: 'ImagePullBackOff' } }),
      configMap('after', { wave: 1 }),
      alert,
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/ResourceDegraded/);
    expect(stdout).toMatch(/ImagePullBackOff|ProgressDeadlineExceeded/);
    expect(stdout).toContain('SyncFail: Job/alert succeeded');
    expect(creations(await app.writes())).toEqual(['deployments/web', 'jobs/alert']);
    expect(await app.sync([deployment('web'), configMap('after', { wave: 1 }), alert])).toMatchObject({ code: 0 });
    expect(await app.get('ConfigMap', 'after')).toBeDefined();
  });

  test('runs the SyncFail hooks after a PostSync hook has failed, in waves that do not silence each other [argo 2.5.triggers] [argo 2.5.SyncFail] [argo 5.57]', async () => {
    const app = await world.application('post-sync-fails');
    const { code, stdout } = await app.sync([
      configMap('settings'),
      pod('smoke', { hook: 'PostSync', pods: broken }),
      job('page', { hook: 'SyncFail', pods: { 'exit-code': '1' } }),
      job('mail', { hook: 'SyncFail', wave: 1 }),
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ Pod\/smoke failed in PostSync wave 0/);
    expect(creations(await app.writes())).toEqual(['configmaps/settings', 'pods/smoke', 'jobs/page', 'jobs/mail']);
    expect(stringAt(await app.get('Pod', 'smoke'), 'status', 'phase')).toBe('Failed');
  });

  test('stops a hook that can not be scheduled within its time, and says why it did not run', async ({ expect }) => {
    const app = await world.application('unschedulable');
    const stuck = job('stuck', {
      hook: 'PreSync',
      annotations: { 'syncline.dev/timeout': '8s' },
      pods: { pending: 'Unschedulable' },
    });
    const { code, stdout } = await app.sync([stuck, alert]);
    expect(code).toBe(1);
    expect(stdout).toContain('HookTimedOut');
    expect(stdout).toMatch(/FailedScheduling|Unschedulable/);
    await app.gone('Job', 'stuck');
    await expect.poll(async () => (await app.list('Pod')).length).toBe(0);
    expect(creations(await app.writes())).toEqual(['jobs/stuck', 'jobs/alert']);
  });

  test('gives up on a hook whose pod is stuck, where it is told to, and stops it with its evidence kept', async () => {
    const app = await world.application('stuck');
    const stuck = job('stuck', { hook: 'PreSync', pods: { pending: 'ImagePullBackOff' } });
    const { code, stdout } = await app.sync([stuck, alert], '--fail-stuck-after', '2s');
    expect(code).toBe(1);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/was stuck for \d+ s: container main can't start: ImagePullBackOff/);
    await app.gone('Job', 'stuck');
    expect(creations(await app.writes())).toEqual(['jobs/stuck', 'jobs/alert']);
    const events = await world.cli(['events', app.name, 'stuck']);
    expect(events.stdout).toContain('BackOff');
  });

  test('does not start a Job hook whose claim is refused', async () => {
    const app = await world.application('claim');
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'backups', annotations: { 'argocd.argoproj.io/hook': 'PreSync' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    // Admitted in the dry run, and refused once the first claim is there.
    const quota = { spec: { hard: { persistentvolumeclaims: '1' } } };
    const metadata = { name: 'claims', namespace: app.name };
    await world.admin.create(
      { apiVersion: 'v1', kind: 'ResourceQuota', metadata, ...quota },
      {},
      AbortSignal.timeout(60_000),
    );
    const quotaRef = { apiVersion: 'v1', kind: 'ResourceQuota', namespace: app.name, name: 'claims' };
    await until('the quota counts', async () => {
      const live = await world.admin.get(quotaRef, AbortSignal.timeout(60_000));
      return stringAt(live, 'status', 'used', 'persistentvolumeclaims');
    });
    const second = { ...claim, metadata: { ...claim.metadata, name: 'backups-too' } };
    const { code, stdout } = await app.sync([claim, second, job('backup', { hook: 'PreSync' })]);
    expect([code, stdout]).toEqual([1, expect.stringContaining('exceeded quota')]);
    expect(creations(await app.writes())).toEqual([expect.stringMatching(/^persistentvolumeclaims\/backups/)]);
  });

  test('waits for the running peers of a hook that fails, and runs nothing behind them [argo 2.3.peers]', async () => {
    const app = await world.application('peers');
    const { code } = await app.sync([
      job('fails', { hook: 'PreSync', pods: broken }),
      job('slow', { hook: 'PreSync', pods: { 'succeed-after': '2s' } }),
      job('next', { hook: 'PreSync', wave: 1 }),
    ]);
    expect(code).toBe(1);
    expect((await app.get('Job', 'slow'))?.['status']).toMatchObject({ succeeded: 1 });
    expect(await app.get('Job', 'next')).toBeUndefined();
  });
});
