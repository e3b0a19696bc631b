import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arrayAt, stringAt } from '../../core/json.ts';
import { uidOf } from '../../core/objects.ts';
import type { PrintablePlan } from '../../core/plan/printable.ts';
import { creations, historyOf, isCreation, written } from './support/audit.ts';
import { job } from './support/manifests.ts';
import { writtenWaves, orderFaults } from './support/plan-order.ts';
import type { World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

const SEED = fileURLToPath(new URL('../../examples/seed', import.meta.url));

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

/** A copy of an example's folder, with its text edited. */
async function example(name: string, edit: (text: string) => string = (text) => text): Promise<string> {
  const files = await readdir(join(SEED, name));
  const texts = await Promise.all(files.map((file) => readFile(join(SEED, name, file), 'utf8')));
  return world.folder(Object.fromEntries(files.map((file, index) => [file, edit(texts[index]!)])));
}

/** Lets the pods of an example's Jobs fail; the examples' pod templates have no metadata of their own. */
const failing = (text: string): string =>
  text
    .replace('spec:\n  template:', 'spec:\n  backoffLimit: 0\n  template:')
    .replace('template:\n', "template:\n    metadata: { annotations: { sandbox.syncline.dev/exit-code: '1' } }\n");

describe.concurrent('the examples of the resource hooks guide', () => {
  test('basic-hook: a Job with one annotation runs before anything else, and anew at each sync [argo 1.hook] [argo 2.6.stale]', async () => {
    const app = await world.application('basic-hook');
    const folder = await example('basic-hook');
    expect(await app.sync(folder)).toMatchObject({ code: 0, stderr: '' });
    expect(creations(await app.writes())).toEqual(['secrets/db-credentials', 'jobs/db-migrate']);
    const [first, credentials] = [await app.get('Job', 'db-migrate'), await app.get('Secret', 'db-credentials')];
    expect(await app.sync(folder)).toMatchObject({ code: 0, stderr: '' });
    const second = await app.get('Job', 'db-migrate');
    expect(uidOf(second!)).not.toBe(uidOf(first!));
    // Its policy is HookFailed alone: kept.
    expect(uidOf((await app.get('Secret', 'db-credentials'))!)).toBe(uidOf(credentials!));
    expect(historyOf(await app.events(), 'jobs', 'db-migrate')).toMatchObject({ created: 2, pods: 2 });
  });

  test('delete-policy: HookSucceeded deletes a Job that succeeds and leaves one that fails [argo 1.hook-delete-policy] [argo 2.6.HookSucceeded] [argo 5.59]', async () => {
    const app = await world.application('delete-policy');
    expect(await app.sync(await example('delete-policy', failing))).toMatchObject({ code: 1 });
    expect(await app.get('Job', 'db-migrate')).toBeDefined();
    expect(await app.sync(await example('delete-policy'))).toMatchObject({ code: 0, stderr: '' });
    await app.gone('Job', 'db-migrate');
    expect(historyOf(await app.events(), 'jobs', 'db-migrate')).toMatchObject({ created: 2, pods: 2 });
  });

  test('combined-policies: a failed Job makes way for the next, which goes once it has succeeded [argo 1.hook-delete-policy] [argo 2.6.BeforeHookCreation] [argo 5.59]', async () => {
    const app = await world.application('combined-policies');
    expect(await app.sync(await example('combined-policies', failing))).toMatchObject({ code: 1 });
    const failed = await app.get('Job', 'db-migrate');
    expect(failed).toBeDefined();
    expect(await app.sync(await example('combined-policies'))).toMatchObject({ code: 0, stderr: '' });
    await app.gone('Job', 'db-migrate');
    const jobs = (await app.writes({ resource: 'jobs' })).filter(({ verb }) => verb !== 'patch');
    expect(jobs.map(({ verb }) => verb)).toEqual(['create', 'delete', 'create', 'delete']);
  });

  test('pre-sync: migration and backup run once what they need is there, each by its policy [argo 6.prerequisites]', async () => {
    const app = await world.application('pre-sync');
    expect(await app.sync(await example('pre-sync'))).toMatchObject({ code: 0, stderr: '' });
    const events = await app.events();
    expect(historyOf(events, 'jobs', 'db-migrate-1-4-2')).toMatchObject({ created: 1, pods: 1 });
    expect(historyOf(events, 'jobs', 'pre-deploy-backup')).toMatchObject({ created: 1, pods: 1 });
    await app.gone('Job', 'pre-deploy-backup');
    expect((await app.get('Job', 'db-migrate-1-4-2'))?.['spec']).toMatchObject({ ttlSecondsAfterFinished: 3600 });
    expect((await app.get('PersistentVolumeClaim', 'backup-storage'))?.['status']).toMatchObject({ phase: 'Bound' });
  });

  test('post-sync: the hooks run once the Deployment is healthy, and go when they have succeeded [argo 1.hook]', async () => {
    const app = await world.application('post-sync');
    const slow = (text: string): string =>
      text.replace(
        'labels:\n        app: myapp\n',
        'labels:\n        app: myapp\n      annotations: { sandbox.syncline.dev/ready-after: 1s }\n',
      );
    expect(await app.sync(await example('post-sync', slow))).toMatchObject({ code: 0, stderr: '' });
    for (const name of ['smoke-test', 'warm-cache', 'notify-deployment']) await app.gone('Job', name);
    expect(await app.list('Job')).toEqual([]);
    const events = await app.events();
    const deployment = await app.get('Deployment', 'myapp');
    const available = arrayAt(deployment, 'status', 'conditions').find(
      (each) => stringAt(each, 'type') === 'Available',
    );
    const since = Date.parse(stringAt(available, 'lastTransitionTime')!);
    const created = events.filter((event) => event.resource === 'jobs' && isCreation(event));
    expect(new Set(created.map(({ name }) => name))).toEqual(
      new Set(['smoke-test', 'warm-cache', 'notify-deployment']),
    );
    for (const { receivedAt } of created) expect(Date.parse(receivedAt)).toBeGreaterThanOrEqual(since);
  });

  test('sync-fail: the alert runs after a failure [argo 1.hook]', async () => {
    const app = await world.application('sync-fail');
    const { code, stdout } = await app.sync(await example('sync-fail'));
    expect(code).toBe(1);
    expect(stdout).toContain('relation "orders" does not exist');
    expect(stdout).toContain('SyncFail: Job/notify-failure succeeded');
    expect(creations(await app.writes())).toEqual([
      'secrets/pagerduty-credentials',
      'jobs/db-migrate',
      'jobs/notify-failure',
    ]);
    await app.gone('Job', 'notify-failure');
    expect((await app.list('Job')).map((each) => stringAt(each, 'metadata', 'name'))).toEqual(['db-migrate']);
  });

  test('sync-fail: no alert where nothing fails [argo 5.25]', async () => {
    const app = await world.application('no-fail');
    const folder = await example('sync-fail', (text) => text.replace("exit-code: '1'", "exit-code: '0'"));
    expect(await app.sync(folder)).toMatchObject({ code: 0 });
    expect(creations(await app.writes())).not.toContain('jobs/notify-failure');
  });

  test('hook-weights: waves -5, 0 and 5 run one after the other [argo 1.sync-wave]', async () => {
    const app = await world.application('hook-weights');
    const folder = await example('hook-weights');
    const plan = JSON.parse((await world.cli(['plan', folder, '-n', app.name, '-o', 'json'])).stdout) as PrintablePlan;
    expect(await app.sync(folder)).toMatchObject({ code: 0, stderr: '' });
    const waves = writtenWaves(plan, await app.writes());
    expect(waves.map(({ title }) => title)).toEqual(['PreSync wave -5', 'PreSync wave 0', 'PreSync wave 5']);
    expect(orderFaults(waves)).toEqual([]);
    const ends = ['backup-database', 'migrate-database', 'seed-database'].map(async (name) =>
      stringAt(await app.get('Job', name), 'status', 'completionTime'),
    );
    const starts = ['migrate-database', 'seed-database'].map(async (name) =>
      stringAt(await app.get('Job', name), 'status', 'startTime'),
    );
    const [[first, second], [third, fourth]] = [await Promise.all(ends), await Promise.all(starts)];
    expect([first! <= third!, second! <= fourth!]).toEqual([true, true]);
  });

  test('other-kinds: a Pod and a ConfigMap are hooks, and Skip is never applied [argo 1.hook] [argo 1.Skip]', async () => {
    const app = await world.application('other-kinds');
    const folder = await example('other-kinds');
    expect(await app.sync(folder)).toMatchObject({ code: 0, stderr: '' });
    const first = await app.get('ConfigMap', 'generated-config');
    expect(await app.sync(folder)).toMatchObject({ code: 0, stderr: '' });
    expect(uidOf((await app.get('ConfigMap', 'generated-config'))!)).not.toBe(uidOf(first!));
    await app.gone('Pod', 'quick-task');
    const writes = await app.writes();
    expect(writes.filter(({ name }) => name === 'placeholder').map(written)).toEqual([]);
    expect(creations(writes)).toEqual([
      ...['configmaps/generated-config', 'pods/quick-task'],
      ...['configmaps/generated-config', 'pods/quick-task'],
    ]);
  });

  test('limits: a Job within its limits succeeds', async () => {
    const app = await world.application('limits');
    expect(await app.sync(await example('limits'))).toMatchObject({ code: 0, stderr: '' });
    expect((await app.get('Job', 'db-migrate'))?.['spec']).toMatchObject({
      backoffLimit: 3,
      activeDeadlineSeconds: 600,
    });
  });

  test('limits: backoffLimit ends a Job whose pod fails again and again', async () => {
    const app = await world.application('backoff');
    const again = (text: string): string =>
      failing(text)
        .replace('backoffLimit: 3', 'backoffLimit: 1')
        .replace('restartPolicy: Never', 'restartPolicy: OnFailure');
    const { code, stdout } = await app.sync(await example('limits', again));
    expect(code).toBe(1);
    expect(stdout).toContain('BackoffLimitExceeded');
  });

  test('limits: activeDeadlineSeconds ends a Job that hangs', async () => {
    const app = await world.application('deadline');
    const hanging = (text: string): string =>
      text
        .replace('activeDeadlineSeconds: 600', 'activeDeadlineSeconds: 8')
        .replace('template:\n', "template:\n    metadata: { annotations: { sandbox.syncline.dev/hang: 'true' } }\n");
    const { code, stdout } = await app.sync(await example('limits', hanging));
    expect(code).toBe(1);
    expect(stdout).toContain('DeadlineExceeded');
    expect(historyOf(await app.events(), 'jobs', 'db-migrate')).toMatchObject({ created: 1, pods: 1 });
  });

  test('a generated name gives each sync a Job of its own [argo 1.generateName]', async () => {
    const app = await world.application('generated');
    const named = job('x', { hook: 'PreSync' });
    const migration = {
      ...named,
      metadata: { ...(named['metadata'] as object), name: undefined, generateName: 'db-migrate-' },
    };
    const manifests = [JSON.parse(JSON.stringify(migration))];
    expect(await app.sync(manifests)).toMatchObject({ code: 0, stderr: '' });
    expect(await app.sync(manifests)).toMatchObject({ code: 0, stderr: '' });
    const names = (await app.list('Job')).map((each) => stringAt(each, 'metadata', 'name') ?? '');
    expect(names).toHaveLength(2);
    for (const name of names) expect(name).toMatch(/^db-migrate-[0-9a-f]{7}-presync-/);
  });
});
