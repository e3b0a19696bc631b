import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refOf } from '../../core/objects.ts';
import { creations, historyOf } from './support/audit.ts';
import { configMap, job } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { Application, OwnWorld } from './support/world.ts';
import { startWorld } from './support/world.ts';

let world: OwnWorld;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

/** The least in which a Job that finds its node surely ends on a busy machine, s. */
const DEADLINE_S = 6;

/** A migration that fails until a node has what it asks for. */
const migration = (label: string, annotations: Readonly<Record<string, string>> = {}) => {
  const made = job('migrate', { hook: 'PreSync', wave: 1, pods: { log: 'migrated' }, annotations });
  const template = (made['spec'] as { readonly template: { readonly spec: object } }).template;
  const spec = { ...template.spec, nodeSelector: { [label]: 'yes' } };
  return { ...made, spec: { backoffLimit: 0, activeDeadlineSeconds: DEADLINE_S, template: { ...template, spec } } };
};

const shop = (label: string) => [
  job('backup', { hook: 'PreSync' }),
  migration(label),
  configMap('settings'),
  job('smoke', { hook: 'PostSync' }),
  job('alert', { hook: 'SyncFail' }),
];

/** Puts right what the migration lacked. */
async function provide(label: string): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const [node] = await world.admin.list({ apiVersion: 'v1', kind: 'Node' }, signal);
  const step = { op: 'add', path: `/metadata/labels/${label}`, value: 'yes' } as const;
  await world.admin.patch(refOf(node!), [step], signal);
}

/** What was created in an application's namespace, in order. */
const made = async (app: Application) => creations(await app.writes());

describe.concurrent('a migration that has failed', () => {
  test('is run again by `retry` once what it lacked is put right, and nothing that had succeeded is', async () => {
    const app = await world.application('retried');
    const failed = await app.sync(shop('retried'));
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('again from this step  syncline retry retried');
    await provide('retried');
    const { code, stdout } = await world.cli(['retry', app.name, '--reason', 'the node is there']);
    expect({ code, tail: stdout.slice(-300) }).toMatchObject({ code: 0 });
    expect(await made(app)).toEqual([
      'jobs/backup',
      'jobs/migrate',
      'jobs/alert',
      'jobs/migrate',
      'configmaps/settings',
      'jobs/smoke',
    ]);
    const events = await app.events();
    expect(historyOf(events, 'jobs', 'backup')).toMatchObject({ created: 1, pods: 1 });
    // The first attempt found no node, so one pod ran in all.
    expect(historyOf(events, 'jobs', 'migrate')).toMatchObject({ created: 2, pods: 1 });
    const status = JSON.parse((await world.cli(['status', app.name, '-o', 'json'])).stdout) as object;
    expect(status).toMatchObject({
      outcome: 'Succeeded',
      number: 1,
      round: 2,
      interventions: [{ by: 'e2e', reason: 'the node is there' }],
    });
    expect((await app.record()).holder).toBeNull();
  });

  test('is tried again by the sync itself, as its annotation says', async () => {
    const app = await world.application('patient');
    const sync = await app.start([migration('patient', { 'syncline.dev/retries': '5' }), configMap('settings')]);
    const spent = /Job\/migrate +failed +attempt \d of 6: .*DeadlineExceeded.*, next attempt in \d+s/;
    await until('an attempt is told of that was spent', async () => spent.test(sync.output()) || undefined);
    await provide('patient');
    expect(await sync.ended).toMatchObject({ code: 0 });
    const jobs = (await made(app)).filter((each) => each === 'jobs/migrate');
    expect(jobs.length).toBeGreaterThan(1);
    // Those that found no node have run no pod.
    expect(historyOf(await app.events(), 'jobs', 'migrate')).toMatchObject({ created: jobs.length, pods: 1 });
    expect((await app.record()).holder).toBeNull();
  });

  test('is passed over by `skip`, with the reason on record', async () => {
    const app = await world.application('passed-over');
    await app.sync(shop('never'));
    const { code } = await world.cli(['skip', app.name, 'migrate', '--reason', 'done by hand']);
    expect(code).toBe(0);
    expect(await made(app)).toEqual(['jobs/backup', 'jobs/migrate', 'jobs/alert', 'configmaps/settings', 'jobs/smoke']);
    const { stdout } = await world.cli(['status', app.name, '-o', 'json']);
    expect(stdout).toContain('"reason": "done by hand"');
  });
});

/** Alone, since it kills the worker. */
describe('a migration that has failed', () => {
  test('is waited for by a sync that holds, across the death of its worker', async () => {
    const app = await world.application('held');
    const sync = await app.start(shop('held'), '--on-failure', 'hold');
    await until('the sync holds', async () => {
      const { stdout } = await world.cli(['status', app.name, '-o', 'json']);
      return stdout.includes('"state": "holding"') ? true : undefined;
    });
    const explained = await world.cli(['explain', app.name]);
    expect(explained.stdout).toContain('syncline retry held');
    await world.worker().end('SIGKILL');
    await world.startWorker();
    await provide('held');
    expect(await world.cli(['retry', app.name, '--detach'])).toMatchObject({ code: 0 });
    expect((await sync.ended).code).toBe(0);
    expect(await made(app)).toEqual([
      'jobs/backup',
      'jobs/migrate',
      'jobs/migrate',
      'configmaps/settings',
      'jobs/smoke',
    ]);
  });
});

test('a retry that makes no sense says why, and starts nothing', async () => {
  const app = await world.application('done');
  await app.sync([configMap('settings')]);
  const again = await world.cli(['retry', app.name]);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing is left to retry') as string });
  const nowhere = await world.cli(['retry', app.name, '--from', 'Sync:9']);
  expect(nowhere).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the plan has no Sync:9; it has Sync:0') as string,
  });
});
