import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringAt } from '../../core/json.ts';
import type { PrintablePlan } from '../../core/plan/printable.ts';
import type { WriteEvent } from './support/audit.ts';
import { creations, historyOf, isCreation, written } from './support/audit.ts';
import { activitiesIn } from './support/histories.ts';
import { writtenWaves, orderFaults } from './support/plan-order.ts';
import type { CliResult } from './support/processes.ts';
import type { Application, World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

const SHOP = fileURLToPath(new URL('../../examples/shop', import.meta.url));

let world: World;
let shop: Application;
let folder: string;
let plan: PrintablePlan;
let first: CliResult;
let firstWrites: readonly WriteEvent[];
let firstEvents: readonly WriteEvent[];

beforeAll(async () => {
  world = await sharedWorld({ processes: true });
  shop = await world.application('shop');
  folder = await quickShop();
  plan = JSON.parse((await world.cli(['plan', folder, '-n', 'shop', '-o', 'json'])).stdout) as PrintablePlan;
  first = await shop.sync(folder);
  firstWrites = await shop.writes();
  firstEvents = await shop.events();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await world.stop();
});

/** The example with a migration of one second instead of eight. */
async function quickShop(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'syncline-shop-'));
  await cp(SHOP, copy, { recursive: true });
  for (const name of await readdir(copy)) {
    const file = join(copy, name);
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace('succeed-after: 8s', 'succeed-after: 1s').replace('interval: 900ms', 'interval: 90ms'),
    );
  }
  return copy;
}

describe('the first sync of the shop', () => {
  test('succeeds', () => {
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(/shop succeeded in .*hooks/);
  });

  test('creates every object of the plan once, wave after wave and kind after kind [argo 2.1.sort] [argo 2.1.kind-order] [argo 2.4.kinds]', () => {
    const waves = writtenWaves(plan, firstWrites);
    expect(waves.map(({ title }) => title)).toEqual([
      'PreSync wave -10',
      'PreSync wave -5',
      'PreSync wave 0',
      'PreSync wave 5',
      'Sync wave 0',
      'Sync wave 1',
      'Sync wave 2',
      'PostSync wave 0',
      'PostSync wave 1',
      'PostSync wave 2',
    ]);
    expect(orderFaults(waves)).toEqual([]);
    const planned = waves.flatMap(({ groups }) => groups.flatMap(({ writes }) => writes));
    expect(planned).toHaveLength(firstWrites.filter(isCreation).length);
  });

  test('starts each phase after the pods of the one before have ended', () => {
    const bound = firstEvents.filter(({ resource, subresource }) => resource === 'pods' && subresource === 'binding');
    const when = (prefix: string): string => bound.find(({ name }) => name?.startsWith(prefix))?.answeredAt ?? 'never';
    const order = [
      'backup-',
      'db-migrate-',
      'seed-',
      'shop-cache-',
      'smoke-test-',
      'warm-cache-',
      'notify-deployment-',
    ];
    const times = order.map(when);
    expect(times).toEqual([...times].sort());
    expect(times).not.toContain('never');
  });

  test('runs each Job hook in one pod', () => {
    for (const name of ['backup', 'db-migrate', 'seed', 'smoke-test', 'notify-deployment']) {
      expect({ name, ...historyOf(firstEvents, 'jobs', name) }).toMatchObject({ name, created: 1, pods: 1 });
    }
  });

  test('deletes hooks by their policies [argo 2.6.HookSucceeded] [argo 2.6.no-default]', async () => {
    const jobs = async () => (await shop.list('Job')).map((job) => stringAt(job, 'metadata', 'name'));
    await expect.poll(jobs).toEqual(['db-migrate']);
    await shop.gone('Pod', 'quick-task');
    expect(await shop.get('Secret', 'shop-credentials')).toBeDefined();
    expect(await shop.get('PersistentVolumeClaim', 'shop-backups')).toBeDefined();
    expect(await shop.get('ConfigMap', 'generated-config')).toBeDefined();
  });

  test('gives the kept Job its TTL back once its verdict is known', async () => {
    const job = await shop.get('Job', 'db-migrate');
    expect(job?.['spec']).toMatchObject({ ttlSecondsAfterFinished: 3600, suspend: false });
  });

  test('leaves the SyncFail hook and the skipped note alone [argo 1.Skip] [argo 5.25]', () => {
    const names = firstWrites.map(({ name }) => name);
    expect(names).not.toContain('notify-failure');
    expect(names).not.toContain('release-notes');
  });

  test('takes a history that grows with waves and hooks alone', async () => {
    const histories = await world.histories.of('shop');
    const waves = plan.phases.flatMap((phase) => phase.waves);
    const hooks = waves.flatMap((wave) => wave.steps).filter(({ action }) => action === 'hook');
    const events = histories.reduce((sum, history) => sum + history.events.length, 0);
    expect(histories.map(({ workflowId }) => workflowId.split('/').at(-1))).toEqual([
      'shop',
      'PreSync',
      'Sync',
      'PostSync',
    ]);
    expect(events).toBeLessThanOrEqual(60 + 20 * waves.length + 10 * hooks.length);
    // One is the SyncFail hook.
    expect(activitiesIn(histories, 'runHook')).toBe(hooks.length - 1);
  });
});

describe('the second sync of the same bundle', () => {
  let again: CliResult;
  let writes: readonly WriteEvent[];

  beforeAll(async () => {
    again = await shop.sync(folder);
    writes = (await shop.writes()).slice(firstWrites.length);
  });

  test('succeeds and runs the hooks again, and those alone', () => {
    expect([again.code, again.stderr]).toEqual([0, '']);
    const hooks = plan.phases.flatMap(({ phase, waves }) =>
      phase === 'SyncFail' ? [] : waves.flatMap(({ steps }) => steps.filter(({ action }) => action === 'hook')),
    );
    const jobs = hooks.filter(({ kind }) => kind === 'Job');
    expect(creations(writes).filter((name) => name.startsWith('jobs/'))).toHaveLength(jobs.length);
    expect(creations(writes)).toContain('configmaps/generated-config');
  });

  test('writes no resource that is as the bundle has it', () => {
    const resources = plan.phases
      .flatMap(({ waves }) => waves.flatMap(({ steps }) => steps))
      .filter(({ action }) => action === 'apply');
    const names = new Set(
      resources.map(({ kind, name }) => `${kind.toLowerCase()}s/${name ?? ''}`.replace('ingresss', 'ingresses')),
    );
    expect(names.size).toBe(9);
    expect(writes.filter(({ resource, name }) => names.has(`${resource}/${name ?? ''}`)).map(written)).toEqual([]);
  });

  test('replaces the migration that the first one left [argo 2.4.BeforeHookCreation] [argo 2.6.BeforeHookCreation] [argo 5.28] [argo 6.stale-hook]', () => {
    const migration = writes
      .filter(({ resource, name }) => resource === 'jobs' && name === 'db-migrate')
      .map(({ verb }) => verb);
    // Deleted, created gated, released, and its TTL given back.
    expect(migration).toEqual(['delete', 'create', 'patch', 'patch']);
  });
});
