import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { annotationsOf } from '../../core/objects.ts';
import { written } from './support/audit.ts';
import { configMap, job, secret } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { Application, OwnWorld } from './support/world.ts';
import { startWorld } from './support/world.ts';

let world: OwnWorld;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const HANGS = { hang: 'true', log: 'dumping' };
const hooks = [job('backup', { hook: 'PreDelete', pods: HANGS }), job('goodbye', { hook: 'PostDelete' })];
const BUNDLE = [
  configMap('base', { wave: 0 }),
  secret('credentials', { key: 'value' }, { wave: 0 }),
  configMap('front', { wave: 1 }),
  ...hooks,
];

async function synced(name: string, objects = BUNDLE): Promise<Application> {
  const app = await world.application(name);
  expect(await app.sync(objects)).toMatchObject({ code: 0, stderr: '' });
  return app;
}

/** What was created and deleted in the namespace since a sync, in order. */
async function history(app: Application): Promise<readonly string[]> {
  const events = await app.writes();
  const jobs = events.filter(({ resource, verb }) => resource === 'jobs' && verb === 'create');
  return [...jobs, ...events.filter(({ verb }) => verb === 'delete')]
    .sort((a, b) => a.answeredAt.localeCompare(b.answeredAt))
    .map(written);
}

/** Alone, since it kills the worker. */
describe('syncline delete, whose worker is killed', () => {
  test('runs hooks, deletes in reverse, awaits finalizers, survives a killed worker, and leaves nothing [argo 2.8.delete-hooks] [argo 1.PreDelete]', async () => {
    const app = await synced('deleted');
    const { signal } = new AbortController();
    const front = { apiVersion: 'v1', kind: 'ConfigMap', namespace: app.name, name: 'front' };
    const path = '/metadata/finalizers';
    await world.admin.patch(front, [{ op: 'add', path, value: ['example.com/drain'] }], signal);
    const deletion = world.start(['delete', app.name, '--yes']);
    await app.podRuns('backup');
    await world.worker().end('SIGKILL');
    await world.startWorker();
    await app.letEnd('backup');
    await until('the later wave is being deleted', async () => {
      const live = await world.admin.get(front, signal);
      return (live?.['metadata'] as { deletionTimestamp?: string } | undefined)?.deletionTimestamp;
    });
    expect(await app.get('ConfigMap', 'base')).toBeDefined();
    await world.admin.patch(front, [{ op: 'remove', path }], signal);
    const { code, stdout, stderr } = await deletion.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('deleted deleted in');
    expect(await history(app)).toEqual([
      'create jobs/backup',
      'delete configmaps/front',
      'delete configmaps/base',
      'delete secrets/credentials',
      'create jobs/goodbye',
    ]);
    const left = (await app.list('ConfigMap')).map((object) => (object['metadata'] as { name: string }).name);
    expect(left).toEqual(['kube-root-ca.crt']);
    expect(await world.cli(['delete', app.name, '--yes'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no application deleted') as string,
    });
    expect(await world.cli(['status', app.name])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('last is its deletion') as string,
    });
    expect(await app.sync(BUNDLE)).toMatchObject({ code: 0 });
    expect(await app.record()).toMatchObject({ epoch: expect.any(Number) as number, number: 1, holder: null });
  });
});

describe.concurrent('syncline delete', () => {
  test('keeps what says so, and lets another application take what is orphaned, fields too', async () => {
    const keep = { annotations: { 'argocd.argoproj.io/sync-options': 'Delete=false' } };
    const app = await synced('orphaned', [configMap('kept', keep, { key: 'mine' }), configMap('other')]);
    const dry = await world.cli(['delete', app.name, '--dry-run', '-o', 'json']);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      phases: [{ phase: 'Delete', waves: [{ wave: 0, steps: [{ action: 'delete', name: 'other' }] }] }],
      skipped: [{ name: 'kept', reason: expect.stringContaining('Delete=false') as string }],
    });
    expect(await world.cli(['delete', app.name])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes') as string,
    });
    expect(await world.cli(['delete', app.name, '--yes', '--orphan'])).toMatchObject({ code: 0, stderr: '' });
    const kept = await app.get('ConfigMap', 'kept');
    expect(annotationsOf(kept!)).not.toHaveProperty('syncline.dev/owner');
    expect(JSON.stringify(kept)).not.toContain('syncline:orphaned');
    const folder = await world.folder({
      'app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: kept }\ndata: { key: theirs }\n',
    });
    expect(await world.cli(['sync', folder, '--app', 'successor', '-n', app.name])).toMatchObject({ code: 0 });
    expect(await app.get('ConfigMap', 'kept')).toMatchObject({ data: { key: 'theirs' } });
  });

  test('waits for syncline approve where an object asks for it [argo 3.Delete=confirm] [argo 2.4.confirm]', async () => {
    const confirm = { annotations: { 'argocd.argoproj.io/sync-options': 'Delete=confirm' } };
    const app = await synced('confirmed', [configMap('precious', confirm)]);
    expect(await world.cli(['approve', app.name])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing of confirmed waits') as string,
    });
    const deletion = world.start(['delete', app.name, '--yes']);
    await until('it waits', async () => {
      const { stdout } = await world.cli(['status', app.name]);
      return stdout.includes('syncline approve confirmed') || undefined;
    });
    expect(await app.get('ConfigMap', 'precious')).toBeDefined();
    expect(await world.cli(['approve', app.name, '--reason', 'exported'])).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout } = await deletion.ended;
    expect([code, stdout]).toEqual([0, expect.stringContaining('approved by e2e: exported')]);
    expect(await app.get('ConfigMap', 'precious')).toBeUndefined();
  });
});
