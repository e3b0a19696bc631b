import { beforeAll, describe, expect, test } from 'vitest';
import { workflowIdOf } from '../../core/markers.ts';
import { creations } from './support/audit.ts';
import { configMap, job, yamlOf } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

/** For how long a window holds a sync back, s: longer than its command may take to ask for it on a busy machine. */
const WINDOW_S = 15;

interface Entry {
  readonly number: number;
  readonly syncId: string;
  readonly outcome: string;
  readonly revision: string;
  readonly requestedBy: string;
  readonly phases: readonly { readonly phase: string; readonly state: string; readonly startedAt: number }[];
  readonly rollback?: { readonly number: number; readonly after?: string };
}

async function historyOf(application: string): Promise<readonly Entry[]> {
  const { stdout } = await world.cli(['history', application, '-o', 'json']);
  return (JSON.parse(stdout) as { readonly entries: readonly Entry[] }).entries;
}

/** Outcomes by number, newest first, with the number a rollback goes back to. */
const outline = (entries: readonly Entry[]) =>
  entries.map(({ number, outcome, rollback }) =>
    rollback === undefined
      ? `${String(number)} ${outcome}`
      : `${String(number)} ${outcome} → ${String(rollback.number)}`,
  );

describe.concurrent('an application that is kept', () => {
  test('is synced by its name, with flags that go before what is kept', async () => {
    const app = await world.application('kept');
    const path = await world.folder({ 'all.yaml': yamlOf(configMap('settings')) });
    expect(await world.cli(['app', 'set', app.name, path, '-n', app.name, '--revision', 'v1'])).toMatchObject({
      code: 2,
    });
    expect(await world.cli(['app', 'set', app.name, path, '-n', app.name, '--timeout', '5m'])).toMatchObject({
      code: 0,
    });
    const synced = await world.cli(['sync', app.name, '--revision', 'v1']);
    expect({ code: synced.code, errors: synced.stderr }).toMatchObject({ code: 0 });
    expect(creations(await app.writes())).toEqual(['configmaps/settings']);
    expect(await world.cli(['diff', app.name])).toMatchObject({ code: 0 });
    const listed = JSON.parse((await world.cli(['app', 'list', '-o', 'json'])).stdout) as object;
    expect(listed).toMatchObject({
      applications: expect.arrayContaining([
        expect.objectContaining({ application: 'kept', options: { timeoutMs: 300_000 } }),
      ]) as unknown,
    });
    expect(await world.cli(['app', 'delete', app.name])).toMatchObject({ code: 0 });
    const forgotten = await world.cli(['sync', app.name]);
    expect(forgotten.code).toBe(2);
    expect(forgotten.stderr).toContain('no application kept is defined');
    expect(await app.get('ConfigMap', 'settings')).toBeDefined();
  });

  test('is refused with another namespace for one run, which would be another record', async () => {
    const path = await world.folder({ 'all.yaml': yamlOf(configMap('settings')) });
    await world.cli(['app', 'set', 'settled', path, '-n', 'settled']);
    const { code, stderr } = await world.cli(['sync', 'settled', '-n', 'elsewhere']);
    expect(code).toBe(2);
    expect(stderr).toContain('settled is kept for namespace settled, not elsewhere');
  });

  test('whose window is closed is held back, waits for the opening where it is to, and begins with a reason', async () => {
    const app = await world.application('windowed');
    const path = await world.folder({ 'app.yaml': yamlOf(configMap('settings')) });
    const keep = (window: string) => world.cli(['app', 'set', app.name, path, '-n', app.name, '--window', window]);
    expect(await keep('deny 0 0 * * * 24h')).toMatchObject({ code: 0 });
    const refused = await world.cli(['sync', app.name]);
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('held back with no end in sight')]);
    expect(await app.get('ConfigMap', 'settings')).toBeUndefined();
    const begun = await world.cli(['sync', app.name, '--override-window', 'hotfix']);
    expect([begun.code, begun.stdout + begun.stderr]).toEqual([0, expect.stringContaining('holds it back: hotfix')]);
    const now = new Date();
    const passed = now.getUTCSeconds() + WINDOW_S;
    expect(await keep(`deny ${now.getUTCMinutes()} ${now.getUTCHours()} * * * ${passed}s`)).toMatchObject({ code: 0 });
    const waited = await world.cli(['sync', app.name, '--if-closed', 'wait']);
    expect([waited.code, waited.stdout + waited.stderr]).toEqual([
      0,
      expect.stringContaining('It waits: syncs of windowed'),
    ]);
    const { finishedAt } = JSON.parse((await world.cli(['status', app.name, '-o', 'json'])).stdout) as {
      readonly finishedAt: number;
    };
    expect(finishedAt).toBeGreaterThan(now.getTime() - now.getUTCMilliseconds() + WINDOW_S * 1_000);
  });
});

describe.concurrent('the history of an application', () => {
  test('says who synced what, how it ended and how long each phase took, and is what a rollback goes back to [argo 2.8.rollback]', async () => {
    const app = await world.application('rolled');
    const bundle = (value: string) => [job('migrate', { hook: 'PreSync' }), configMap('settings', {}, { value })];
    await app.sync(bundle('one'), '--revision', 'v1');
    await app.sync(bundle('two'), '--revision', 'v2');
    const [latest] = await historyOf(app.name);
    expect(latest).toMatchObject({ number: 2, revision: 'v2', outcome: 'Succeeded', requestedBy: 'e2e' });
    expect(latest?.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'PreSync succeeded',
      'Sync succeeded',
    ]);

    const { code, stdout } = await world.cli(['rollback', app.name]);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('back to sync 1, revision v1') as unknown,
    });
    expect(await app.get('ConfigMap', 'settings')).toMatchObject({ data: { value: 'one' } });
    // The hooks of that time run too, as in any sync.
    expect(creations(await app.writes()).filter((name) => name === 'jobs/migrate')).toHaveLength(3);
    expect(outline(await historyOf(app.name))).toEqual(['3 Succeeded → 1', '2 Succeeded', '1 Succeeded']);

    expect((await world.cli(['rollback', app.name, '2', '--skip-hooks'])).code).toBe(0);
    expect(await app.get('ConfigMap', 'settings')).toMatchObject({ data: { value: 'two' } });
    expect(creations(await app.writes()).filter((name) => name === 'jobs/migrate')).toHaveLength(3);
    const unknown = await world.cli(['rollback', app.name, '17']);
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain('no sync 17 is in its history');
  });

  test('goes with the application', async () => {
    const app = await world.application('ended');
    await app.sync([configMap('settings')]);
    expect(await historyOf(app.name)).toHaveLength(1);
    expect((await world.cli(['delete', app.name, '--yes'])).code).toBe(0);
    expect((await world.cli(['history', app.name])).code).toBe(2);
  });
});

describe.concurrent('a sync that fails with --on-failure rollback', () => {
  test('is followed once by a sync of what succeeded last', async () => {
    const app = await world.application('fallen');
    const settings = (value: string) => configMap('settings', {}, { value });
    await app.sync([settings('good')], '--revision', 'good');
    const bad = [
      settings('bad'),
      job('smoke', { hook: 'PostSync', pods: { 'exit-code': '1' } }),
      job('alert', { hook: 'SyncFail' }),
    ];
    const failed = await app.sync(bad, '--revision', 'bad', '--on-failure', 'rollback');
    expect(failed.code).toBe(1);
    await until('the rollback has ended', async () => ((await historyOf(app.name)).length === 3 ? true : undefined));
    expect(outline(await historyOf(app.name))).toEqual(['3 Succeeded → 1', '2 Failed', '1 Succeeded']);
    const [rollback, fall] = await historyOf(app.name);
    expect(rollback?.rollback?.after).toBe(fall?.syncId);
    expect(await app.get('ConfigMap', 'settings')).toMatchObject({ data: { value: 'good' } });
    expect(creations(await app.writes())).toContain('jobs/alert');
    // The record is released once the sync is in the history.
    await until('the record is let go of', async () => (await app.record()).holder === null || undefined);
    expect(workflowIdOf('default', app.name)).toBe('sync/default/fallen');
  });

  test('is followed by nothing where nothing has succeeded before', async () => {
    const app = await world.application('first');
    const bad = [configMap('settings'), job('smoke', { hook: 'PostSync', pods: { 'exit-code': '1' } })];
    expect((await app.sync(bad, '--on-failure', 'rollback')).code).toBe(1);
    expect(outline(await historyOf(app.name))).toEqual(['1 Failed']);
  });
});
