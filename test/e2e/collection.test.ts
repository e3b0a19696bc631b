import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectGarbage } from '../../activities/collection/collect-garbage.ts';
import { fileStore } from '../../bundles/file-store.ts';
import { connectTemporal } from '../../client/connection/temporal.ts';
import { runsKnownTo } from '../../worker/known-runs.ts';
import { configMap, job, yamlOf } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { OwnWorld } from './support/world.ts';
import { startWorld } from './support/world.ts';

const DAY = 24 * 3_600_000;
const failing = job('migrate', { hook: 'PreSync', pods: { log: 'no database', 'exit-code': '1' } });

let world: OwnWorld;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

/** What the worker's own collection does, so many days later. */
async function collectAfter(days: number) {
  const temporal = await connectTemporal({ env: world.env });
  const now = () => Date.now() + days * DAY;
  try {
    return await collectGarbage(
      {
        store: fileStore(world.env['SYNCLINE_BUNDLES']!.replace(/^file:/, ''), now, temporal.id),
        owner: temporal.id!,
        clusters: [world.admin],
        runsOf: runsKnownTo(temporal.client),
        retention: { keepForMs: 30 * DAY, keepSyncs: 0 },
        now,
        dryRun: false,
      },
      AbortSignal.timeout(60_000),
    );
  } finally {
    await temporal.connection.close();
  }
}

describe('40 days later', () => {
  test('a collection has taken what is over, and nothing that a sync which failed, or holds, goes on with', async () => {
    const failed = await world.application('failed-long-ago');
    const held = await world.application('held-for-long');
    expect((await failed.sync([configMap('settings', {}, { round: 'first' })])).code).toBe(0);
    expect((await failed.sync([failing, configMap('settings', {}, { round: 'second' })])).code).toBe(1);
    const holding = await held.start([failing, configMap('settings')], '--on-failure', 'hold');
    await until('the sync holds', async () => {
      const { stdout } = await world.cli(['status', held.name, '-o', 'json']);
      return stdout.includes('"state": "holding"') ? true : undefined;
    });
    expect((await world.cli(['gc', '--dry-run'])).stdout).toMatch(
      /stays +sync\/default\/held-for-long\/\S+ +it was written/,
    );

    const { released, kept, bundles, warnings } = await collectAfter(40);

    expect(warnings).toEqual([]);
    expect(bundles).toBeGreaterThan(0);
    const going = released.map(({ reference }) => reference.name);
    expect(going.filter((name) => name.includes('held-for-long'))).toEqual([]);
    expect(going.filter((name) => name.startsWith('evidence/default/failed-long-ago/'))).toHaveLength(1);
    expect(kept.find(({ reference }) => reference.name.startsWith('sync/default/held-for-long/'))?.why).toBe(
      "the application's record names it",
    );

    const [logs, explained] = [
      await world.cli(['logs', failed.name, 'migrate']),
      await world.cli(['explain', failed.name]),
    ];
    expect(logs).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/log and events of Job\/migrate were collected at 20/) as string,
    });
    expect(explained.stdout).toMatch(/log +log and events of Job\/migrate were collected at 20/);
    expect((await world.cli(['logs', held.name, 'migrate'])).stdout).toContain('no database');

    // Both go on with the bytes they had.
    expect((await world.cli(['skip', failed.name, 'migrate', '--reason', 'by hand'])).code).toBe(0);
    expect(await failed.get('ConfigMap', 'settings')).toMatchObject({ data: { round: 'second' } });
    expect((await world.cli(['skip', held.name, 'migrate', '--reason', 'by hand'])).code).toBe(0);
    expect((await holding.ended).code).toBe(0);
    expect(await held.get('ConfigMap', 'settings')).toBeDefined();
  });
});

test('twenty megabytes are synced from a store in Secrets, none of which is larger than Kubernetes allows', async () => {
  const { signal } = new AbortController();
  await world.admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'syncline-store' } }, {}, signal);
  const env = { SYNCLINE_BUNDLES: 'kubernetes:syncline-store' };
  await world.worker().end('SIGKILL');
  await world.startWorker({ env });
  const app = await world.application('twenty-megabytes');
  const objects = Array.from({ length: 25 }, (_, index) =>
    configMap(`map-${String(index)}`, {}, { noise: randomBytes(600_000).toString('base64') }),
  );
  const folder = await world.folder({ 'app.yaml': yamlOf(...objects) });

  const { code } = await world.cli(['sync', folder, '--app', app.name, '-n', app.name], { env });

  expect(code).toBe(0);
  expect(await app.get('ConfigMap', 'map-24')).toMatchObject({ data: objects[24]!['data'] });
  const stored = await world.admin.list({ apiVersion: 'v1', kind: 'Secret', namespace: 'syncline-store' }, signal);
  const sizes = stored.map((secret) => JSON.stringify(secret).length);
  expect(sizes.length).toBeGreaterThan(20);
  expect(Math.max(...sizes)).toBeLessThan(1024 * 1024);
  const result = await world.client.handle(app.name, { cluster: 'default' }).result({ signal });
  expect(result).toMatchObject({ outcome: 'Succeeded', counts: { applied: 25 } });
});
