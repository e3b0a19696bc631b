import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBundleStore } from '../../bundles/open-store.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { textOf } from './support/histories.ts';
import { configMap, deployment, job, secret, yamlOf } from './support/manifests.ts';
import type { CliResult } from './support/processes.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';
import { startWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

interface DiffDocument {
  readonly differs: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly objects: readonly { readonly kind: string; readonly name: string; readonly change: string }[];
}

async function diff(
  app: string,
  objects: readonly KubernetesObject[] | undefined,
  ...flags: readonly string[]
): Promise<CliResult> {
  const path = objects === undefined ? [] : [await world.folder({ 'app.yaml': yamlOf(...objects) })];
  return world.cli(['diff', ...path, '--app', app, '-n', app, ...flags]);
}

/** What `status` says, once it is told in time how the cluster stands. */
async function statusOf(app: string, ...flags: readonly string[]): Promise<string> {
  const { code, stdout } = await until(`the sync state of ${app} is told`, async () => {
    const told = await world.cli(['status', app, ...flags]);
    return told.stdout.includes('longer than 10 s') ? undefined : told;
  });
  expect(code).toBe(0);
  return stdout;
}

const settings = (level: string) => configMap('settings', {}, { level, color: 'blue' });

describe.concurrent('syncline diff', () => {
  test('tells what a first sync makes with exit code 6, changes nothing, and finds no difference after it', async () => {
    const app = await world.application('diff-first');
    const objects = [
      settings('info'),
      deployment('web', { spec: { replicas: 1 } }),
      job('migrate', { hook: 'PreSync' }),
    ];
    const { code, stdout } = await diff(app.name, objects);
    expect(code).toBe(6);
    expect(stdout).toMatch(/\+ ConfigMap diff-first\/settings +is created/);
    expect(stdout).toMatch(/\* Job diff-first\/migrate +hook of PreSync, runs/);
    expect(stdout).toContain('diff-first: 2 to create, 0 unchanged, 1 hook to run');
    expect(await app.writes()).toEqual([]);

    expect(await app.sync(objects)).toMatchObject({ code: 0 });
    const after = await diff(app.name, objects);
    expect([after.code, after.stdout]).toEqual([
      0,
      expect.stringContaining('nothing differs, 2 unchanged, 1 hook to run'),
    ]);
  });

  test('shows each field that changes, and what is pruned, as text and as a document [argo 2.8.diff]', async () => {
    const app = await world.application('diff-changed');
    expect(await app.sync([settings('info'), configMap('old')])).toMatchObject({ code: 0 });
    const text = await diff(app.name, [settings('debug')], '--prune');
    expect(text.code).toBe(6);
    expect(text.stdout).toContain('    data.level\n  -   info\n  +   debug\n');
    expect(text.stdout).toMatch(/- ConfigMap diff-changed\/old +is pruned/);

    const { code, stdout } = await diff(app.name, [settings('debug')], '-o', 'json');
    const document = JSON.parse(stdout) as DiffDocument;
    expect(code).toBe(6);
    expect(document).toMatchObject({
      version: 1,
      application: app.name,
      differs: true,
      counts: { changed: 1, extra: 1 },
    });
    expect(document.objects).toMatchObject([
      { kind: 'ConfigMap', name: 'settings', change: 'changed', fields: [{ change: 'changed', path: 'data.level' }] },
      { kind: 'ConfigMap', name: 'old', change: 'extra' },
    ]);
  });

  test('compares with the latest sync where no manifests are given: a hand edit shows', async () => {
    const app = await world.application('diff-latest');
    const none = await diff(app.name, undefined);
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('there is no sync of diff-latest to compare'),
    ]);

    expect(await app.sync([settings('info')])).toMatchObject({ code: 0 });
    expect(await diff(app.name, undefined)).toMatchObject({ code: 0 });
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: app.name, name: 'settings' };
    const edit = [{ op: 'replace', path: '/data/level', value: 'trace' }] as const;
    await world.admin.patch(ref, edit, AbortSignal.timeout(60_000));
    const edited = await diff(app.name, undefined, '--force-conflicts');
    expect([edited.code, edited.stdout]).toEqual([6, expect.stringContaining('  -   trace\n  +   info\n')]);
  });

  test('and status leave ignored fields out, also by the rules of the latest sync', async () => {
    const app = await world.application('diff-ignoring');
    const rules = [{ kind: 'ConfigMap', name: 'settings', jsonPointers: ['/data/level'] }];
    const application = { kind: 'Application', spec: { ignoreDifferences: rules } };
    const file = join(await world.folder({ 'rules.yaml': JSON.stringify(application) }), 'rules.yaml');
    expect(await app.sync([settings('info')], '--ignore-differences', file)).toMatchObject({ code: 0 });
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: app.name, name: 'settings' };
    const edit = async (key: string) =>
      world.admin.patch(ref, [{ op: 'replace', path: `/data/${key}`, value: 'edited' }], AbortSignal.timeout(60_000));
    await edit('level');
    expect(await diff(app.name, undefined, '--force-conflicts')).toMatchObject({ code: 0 });
    expect(await statusOf(app.name)).toMatch(/in sync\n$/);
    const named = await diff(app.name, [settings('info')], '--force-conflicts', '--ignore-differences', file);
    expect(named).toMatchObject({ code: 0 });
    expect(await diff(app.name, [settings('info')], '--force-conflicts')).toMatchObject({ code: 6 });

    await edit('color');
    const { code, stdout } = await diff(app.name, undefined, '--force-conflicts');
    expect([code, stdout]).toEqual([6, expect.stringContaining('1 field\n    data.color\n')]);
  });

  test('and status say whether the cluster is as the latest sync left it [argo 1.IgnoreExtraneous]', async () => {
    const app = await world.application('diff-state');
    const ignored = { annotations: { 'argocd.argoproj.io/compare-options': 'IgnoreExtraneous' } };
    const all = [settings('info'), configMap('gone'), configMap('old'), configMap('tolerated', ignored)];
    expect(await app.sync(all)).toMatchObject({ code: 0 });
    expect(await statusOf(app.name)).toMatch(/in sync\n$/);

    expect(await app.sync(all.slice(0, 2))).toMatchObject({ code: 0 });
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: app.name };
    const signal = AbortSignal.timeout(60_000);
    await world.admin.patch(
      { ...ref, name: 'settings' },
      [{ op: 'replace', path: '/data/level', value: 'trace' }],
      signal,
    );
    await world.admin.delete({ ...ref, name: 'gone' }, { propagation: 'Background' }, signal);
    expect(await statusOf(app.name)).toContain(
      'out of sync: 1 differs, 1 missing, 1 extra\n    differs: ConfigMap/settings\n    missing: ConfigMap/gone\n    extra: ConfigMap/old\n',
    );
    const json = JSON.parse(await statusOf(app.name, '-o', 'json')) as {
      readonly syncState: object;
    };
    expect(json.syncState).toMatchObject({
      state: 'out-of-sync',
      missing: [{ name: 'gone' }],
      extra: [{ name: 'old' }],
    });
    const resources = (await world.cli(['resources', app.name])).stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(resources.map((cells) => [cells.at(-4), cells.at(-1)])).toEqual(
      expect.arrayContaining([
        ['settings', 'OutOfSync'],
        ['gone', 'Missing'],
      ]),
    );
    expect(resources.at(-1)?.slice(-3)).toEqual([app.name, 'old', 'Extra']);
  });

  test('and a dry run work while a sync runs, and leave it the latest one', async () => {
    const app = await world.application('diff-beside');
    const slow = [job('slow', { hook: 'PreSync', pods: { 'succeed-after': '10m' } }), settings('info')];
    const running = await app.start(slow);
    await app.podRuns('slow');
    const { code, stdout } = await app.sync([settings('debug')], '--dry-run');
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 to create')]);
    expect(await diff(app.name, [settings('debug')])).toMatchObject({ code: 6 });
    const listed = () => world.client.list({ application: app.name, newestOnly: false });
    // What is listed may be a moment behind.
    await until('the sync is listed', async () => (await listed()).length > 0 || undefined);
    expect(await listed()).toMatchObject([{ outcome: 'Running' }]);
    expect(await world.client.syncState(app.name, { cluster: 'default' })).toEqual({
      state: 'unknown',
      reason: 'a sync is running',
    });
    expect(await listed()).toHaveLength(1);
    expect(await world.cli(['abort', app.name])).toMatchObject({ code: 0 });
    expect(await running.ended).toMatchObject({ code: 3 });
  });
});

test('no value of a Secret is in a diff, in the store, or in what Temporal keeps', async () => {
  const values = ['heron-sentinel-2210', 'egret-sentinel-6514', 'stork-sentinel-7738'] as const;
  const [before, after, elsewhere] = values;
  const app = await world.application('diff-secretive');
  const holding = (value: string) => [
    secret('credentials', { password: value }),
    configMap('copy', {}, { url: `db://${value}@db` }),
  ];
  expect(await app.sync(holding(before))).toMatchObject({ code: 0 });
  const changed = [...holding(after), secret('more', { token: elsewhere })];

  const text = await diff(app.name, changed);
  expect(text.stdout).toContain('    data.password\n  -   (hidden)\n  +   (hidden, another value)\n');
  expect(text.stdout).toContain('    data.url\n  ~   differs in the value of a Secret, which is hidden\n');
  const document = await diff(app.name, changed, '-o', 'json');
  const dryRun = await app.sync(changed, '--dry-run', '-o', 'json');
  const printed = [text, document, dryRun].map(({ stdout, stderr }) => stdout + stderr).join('\n');

  const { diff: found, workflowId } = JSON.parse(dryRun.stdout) as {
    readonly diff: { readonly digest: string };
    readonly workflowId: string;
  };
  const stored = await openBundleStore(world.env['SYNCLINE_BUNDLES'] ?? '').get(
    found.digest,
    AbortSignal.timeout(60_000),
  );
  const history = await world.histories.client.workflow.getHandle(workflowId).fetchHistory();
  const kept = textOf([{ workflowId, events: history.events ?? [] }]);
  expect(kept).toContain(found.digest);
  const database = (await readdir(world.sandbox.stateDir)).filter((name) => name.startsWith('temporal.db'));
  const files = await Promise.all(database.map((name) => readFile(join(world.sandbox.stateDir, name), 'latin1')));
  const places = { printed, stored: new TextDecoder().decode(stored), kept, database: files.join('') };
  for (const [place, content] of Object.entries(places)) {
    const forms = values.flatMap((value) => [value, Buffer.from(value).toString('base64').replace(/=+$/, '')]);
    expect([place, forms.filter((form) => content.includes(form))]).toEqual([place, []]);
  }
});
