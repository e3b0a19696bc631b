import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringAt } from '../../core/json.ts';
import { isCreation, written } from './support/audit.ts';
import { configMap, deployment, secret, service } from './support/manifests.ts';
import type { Application, World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

const bundle = [
  configMap('settings', {}, { level: 'info', color: 'blue' }),
  configMap('later', { wave: 1 }),
  secret('credentials', { password: 'open-sesame' }),
  service('web'),
  deployment('web'),
];

/** Syncs the bundle once and answers how many writes there were until then, dry runs too. */
async function synced(name: string): Promise<{ readonly app: Application; readonly before: number }> {
  const app = await world.application(name);
  expect(await app.sync(bundle)).toMatchObject({ code: 0, stderr: '' });
  return { app, before: (await requests(app)).length };
}

function requests(app: Application) {
  return world.auditOf({ user: 'syncline', namespace: app.name });
}

describe.concurrent('a sync of what is there already', () => {
  test('creates each resource with one dry run and one write', async () => {
    const { app } = await synced('fresh');
    const sent = await requests(app);
    expect(sent.filter(({ dryRun }) => dryRun)).toHaveLength(bundle.length);
    expect(sent.filter((event) => isCreation(event))).toHaveLength(bundle.length);
    expect(sent).toHaveLength(2 * bundle.length);
  });

  test('sends no write of a resource to the API server', async () => {
    const { app, before } = await synced('same');
    const { code, stdout } = await app.sync(bundle);
    expect(code).toBe(0);
    expect(stdout).toContain('5 unchanged');
    expect((await requests(app)).slice(before).map(written)).toEqual([]);
  });

  test('sends what has changed in the bundle: one dry run and one write', async () => {
    const { app, before } = await synced('changed');
    const changed = [configMap('settings', {}, { level: 'debug', color: 'blue' }), ...bundle.slice(1)];
    expect(await app.sync(changed)).toMatchObject({ code: 0, stderr: '' });
    const sent = (await requests(app)).slice(before);
    expect(sent.map((event) => [written(event), event.dryRun])).toEqual([
      ['patch configmaps/settings', true],
      ['patch configmaps/settings', false],
    ]);
    expect(stringAt(await app.get('ConfigMap', 'settings'), 'data', 'level')).toBe('debug');
  });

  test('repairs a field that was edited by hand, and nothing else', async () => {
    const { app, before } = await synced('edited');
    const edit = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: app.name },
      data: { level: 'debug' },
    };
    await world.admin.apply(edit, { fieldManager: 'kubectl-edit', force: true }, AbortSignal.timeout(60_000));
    expect(await app.sync(bundle)).toMatchObject({ code: 0, stderr: '' });
    expect((await app.get('ConfigMap', 'settings'))?.['data']).toEqual({ level: 'info', color: 'blue' });
    const sent = (await requests(app)).slice(before).filter(({ dryRun, code }) => !dryRun && code < 300);
    expect(sent.map(written)).toEqual(['patch configmaps/settings']);
  });

  test('repairs a value of a Secret that was edited by hand', async () => {
    const { app } = await synced('edited-secret');
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: app.name, name: 'credentials' };
    const patch = [{ op: 'replace', path: '/data/password', value: 'b3RoZXI=' }] as const;
    await world.admin.patch(ref, patch, AbortSignal.timeout(60_000));
    expect(await app.sync(bundle)).toMatchObject({ code: 0, stderr: '' });
    const value = stringAt(await app.get('Secret', 'credentials'), 'data', 'password') ?? '';
    expect(Buffer.from(value, 'base64').toString()).toBe('open-sesame');
  });

  test('makes what was deleted by hand again', async () => {
    const { app } = await synced('deleted');
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: app.name, name: 'later' };
    await world.admin.delete(ref, { propagation: 'Background' }, AbortSignal.timeout(60_000));
    expect(await app.sync(bundle)).toMatchObject({ code: 0, stderr: '' });
    expect(await app.get('ConfigMap', 'later')).toBeDefined();
  });

  test('leaves a field alone that another controller owns, and says whose it is [argo 3.ServerSideApply]', async () => {
    const { app } = await synced('owned');
    const edit = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: app.name },
      data: { level: 'debug' },
    };
    await world.admin.apply(edit, { fieldManager: 'tuner', force: true }, AbortSignal.timeout(60_000));
    const { code, stdout } = await app.sync(bundle);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/FieldConflict.*tuner/s)]);
    expect(await app.sync(bundle, '--force-conflicts')).toMatchObject({ code: 0 });
    expect(stringAt(await app.get('ConfigMap', 'settings'), 'data', 'level')).toBe('info');
  });
});
