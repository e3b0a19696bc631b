import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../core/objects.ts';
import { written } from './support/audit.ts';
import { configMap, job, secret, service } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { Application, World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

const kept = configMap('kept');
const bundle: readonly KubernetesObject[] = [
  kept,
  configMap('first', { wave: 0 }),
  secret('second', { key: 'value' }, { wave: 1 }),
  service('third', { wave: 2 }),
];

async function synced(name: string, objects: readonly KubernetesObject[] = bundle): Promise<Application> {
  const app = await world.application(name);
  expect(await app.sync(objects)).toMatchObject({ code: 0, stderr: '' });
  return app;
}

interface Listing {
  readonly application: string;
  readonly outcome: string;
  readonly selection?: string;
}

const listingsIn = (text: string): readonly Listing[] =>
  (JSON.parse(text) as { readonly syncs: readonly Listing[] }).syncs;

async function deletions(app: Application): Promise<readonly string[]> {
  return (await app.writes({ verb: 'delete' })).map(written);
}

describe.concurrent('what the bundle has no more', () => {
  test('is left, and counted in a warning, without --prune', async () => {
    const app = await synced('unasked');
    const { code, stdout, stderr } = await app.sync([kept]);
    expect(code).toBe(0);
    expect(stdout + stderr).toMatch(/would be pruned with --prune|--prune/);
    expect(await deletions(app)).toEqual([]);
  });

  test('is deleted with --prune, the last wave first, each wave after the one before has gone [argo 2.1.prune-waves] [argo 2.3.pruned] [argo 5.38] [argo 5.39]', async () => {
    const app = await synced('pruned');
    const { code, stdout } = await app.sync([kept], '--prune');
    expect([code, stdout]).toEqual([0, expect.stringContaining('3 pruned')]);
    expect(await deletions(app)).toEqual(['delete services/third', 'delete secrets/second', 'delete configmaps/first']);
    const events = (await app.writes({ verb: 'delete' })).map(({ receivedAt, answeredAt }) => ({
      receivedAt,
      answeredAt,
    }));
    for (const [index, { receivedAt }] of events.entries())
      if (index > 0) expect(receivedAt > events[index - 1]!.answeredAt).toBe(true);
    expect(await app.get('ConfigMap', 'kept')).toBeDefined();
  });

  test('is not emptied out without --allow-empty [argo 6.prune-cap]', async () => {
    const app = await synced('emptied');
    const onlyHook = [job('migrate', { hook: 'PreSync' })];
    const { code, stdout } = await app.sync(onlyHook, '--prune');
    expect([code, stdout]).toEqual([1, expect.stringMatching(/PruneRefused.*--allow-empty/s)]);
    expect(await deletions(app)).toEqual([]);
    expect(await app.get('Job', 'migrate')).toBeUndefined();
    expect(await app.sync(onlyHook, '--prune', '--allow-empty')).toMatchObject({ code: 0 });
    expect((await deletions(app)).length).toBe(bundle.length);
  });

  test('is not deleted beyond --max-prune [argo 6.prune-cap]', async () => {
    const app = await synced('capped');
    const { code, stdout } = await app.sync([kept], '--prune', '--max-prune', '2');
    expect([code, stdout]).toEqual([1, expect.stringContaining('PruneRefused')]);
    expect(await deletions(app)).toEqual([]);
  });

  test('is left where it is somebody else’s, or another object by now', async () => {
    const app = await synced('foreign');
    const signal = AbortSignal.timeout(60_000);
    const place = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: app.name, name });
    const foreign = (name: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: app.name },
    });
    await world.admin.create(foreign('neighbour'), {}, signal);
    await world.admin.delete(place('first'), { propagation: 'Background' }, signal);
    await world.admin.create(foreign('first'), {}, signal);
    expect(await app.sync([kept], '--prune')).toMatchObject({ code: 0 });
    expect(await app.get('ConfigMap', 'neighbour')).toBeDefined();
    expect(await app.get('ConfigMap', 'first')).toBeDefined();
    expect(await deletions(app)).toEqual(['delete services/third', 'delete secrets/second']);
  });

  test('is left where its annotation says so, and hooks of earlier syncs are never pruned [argo 2.1.prune-task] [argo 3.Prune=false] [argo 5.15]', async () => {
    const app = await synced('protected', [
      kept,
      configMap('precious', { annotations: { 'syncline.dev/keep': 'true' } }),
      configMap('argo', { annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false' } }),
      job('migrate', { hook: 'PreSync' }),
      configMap('gone'),
    ]);
    expect(await app.sync([kept], '--prune')).toMatchObject({ code: 0 });
    expect(await deletions(app)).toEqual(['delete configmaps/gone']);
    expect(await app.get('Job', 'migrate')).toBeDefined();
  });
});

test('a partial sync prunes what is selected alone, runs the hooks, and is known by its selection', async () => {
  const app = await synced('partial');
  const objects = [kept, job('migrate', { hook: 'PreSync' })];
  const { code, stdout } = await app.sync(objects, '--prune', '--resource', ':ConfigMap:first');
  expect([code, stdout]).toEqual([0, expect.stringContaining('1 pruned, 1 hook')]);
  expect(await deletions(app)).toEqual(['delete configmaps/first']);
  const status = await world.cli(['status', app.name]);
  expect(status.stdout).toContain('only --resource :ConfigMap:first');
  // What is listed may be a moment behind.
  const listed = await until('its end is listed', async () => {
    const { stdout } = await world.cli(['list', '-o', 'json']);
    return listingsIn(stdout).find(
      ({ application, selection, outcome }) =>
        application === app.name && selection !== undefined && outcome !== 'Running',
    );
  });
  expect(listed).toMatchObject({ selection: '--resource :ConfigMap:first', outcome: 'Succeeded' });
  const mistaken = await app.sync(objects, '--resource', ':ConfigMap:first');
  expect(mistaken).toMatchObject({ code: 2, stderr: expect.stringContaining('names no resource') as string });
});
