import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubernetesObject } from '../../core/objects.ts';
import type { PrintablePlan } from '../../core/plan/printable.ts';
import { configMap, job, pod, secret, service, yamlOf } from './support/manifests.ts';
import { createdWaves, orderFaults } from './support/plan-order.ts';
import type { World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

const BUNDLES = 8;

interface Piece {
  readonly kind: 'ConfigMap' | 'Secret' | 'Service' | 'Job' | 'Pod';
  readonly phase: 'PreSync' | 'Sync' | 'PostSync';
  readonly wave: number;
  /** Whether an object that need not be a hook is one. */
  readonly hook: boolean;
}

const pieces: fc.Arbitrary<readonly Piece[]> = fc.array(
  fc.record<Piece>({
    kind: fc.constantFrom('ConfigMap', 'ConfigMap', 'Secret', 'Service', 'Job', 'Pod'),
    phase: fc.constantFrom('PreSync', 'Sync', 'PostSync'),
    wave: fc.integer({ min: -2, max: 2 }),
    hook: fc.boolean(),
  }),
  { minLength: 3, maxLength: 14 },
);

function objectOf({ kind, phase, wave, hook }: Piece, index: number): KubernetesObject {
  const name = `${kind.toLowerCase()}-${index}`;
  const placed = hook ? { hook: phase, wave } : { wave };
  switch (kind) {
    case 'ConfigMap':
      return configMap(name, placed);
    case 'Secret':
      return secret(name, { key: 'value' }, placed);
    case 'Service':
      return service(name, placed);
    case 'Job':
      return job(name, { hook: phase, wave });
    case 'Pod':
      return pod(name, { hook: phase, wave });
  }
}

test('whatever a bundle holds, the API server sees it in the order of its plan [argo 2.1.sort] [argo 2.4.kinds]', async () => {
  const bundles = fc.sample(pieces, { numRuns: BUNDLES, ...seed() });
  const runs = bundles.map(async (bundle, index) => {
    const app = await world.application(`bundle-${index}`);
    const objects = bundle.map(objectOf);
    const folder = await world.folder({ 'app.yaml': yamlOf(...objects) });
    const { stdout } = await world.cli(['plan', folder, '-n', app.name, '-o', 'json']);
    const synced = await app.sync(folder);
    const about = `${app.name}: ${JSON.stringify(bundle)}\n${synced.stdout}${synced.stderr}`;
    expect(synced.code, about).toBe(0);
    const waves = createdWaves(JSON.parse(stdout) as PrintablePlan, await app.writes());
    expect(orderFaults(waves), about).toEqual([]);
    expect(waves.flatMap(({ kinds }) => kinds.flatMap(({ creations }) => creations))).toHaveLength(objects.length);
  });
  await Promise.all(runs);
});

/** A seed of another run, to have its bundles again. */
function seed(): { readonly seed?: number } {
  const given = process.env['SYNCLINE_E2E_SEED'];
  return given === undefined ? {} : { seed: Number(given) };
}
