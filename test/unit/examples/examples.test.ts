import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { annotationsOf } from '../../../core/objects.ts';
import { offlineScopes } from '../../../core/manifests/scopes.ts';
import { parseManifests } from '../../../core/manifests/parse.ts';
import type { Manifest } from '../../../core/manifests/manifest.ts';
import { stringMapAt } from '../../../core/json.ts';
import { buildPlan } from '../../../core/plan/build.ts';
import type { SyncPlan } from '../../../core/plan/plan.ts';
import { hasHealthRule } from '../../../core/health/rules.ts';
import { annotationFaults } from '../../../sandbox/simulation/annotations.ts';
import { readSource } from '../../../sources/source.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../../examples');
const seed = await readdir(join(EXAMPLES, 'seed'), { withFileTypes: true });
const folders = ['shop', ...seed.filter((entry) => entry.isDirectory()).map(({ name }) => `seed/${name}`)];

async function manifestsOf(folder: string): Promise<readonly Manifest[]> {
  const { files } = await readSource(join(EXAMPLES, folder), new AbortController().signal);
  const { manifests, failures } = parseManifests(files, { namespace: 'demo' });
  expect(failures).toEqual([]);
  return manifests;
}

async function planOf(folder: string): Promise<SyncPlan> {
  const manifests = await manifestsOf(folder);
  const isNamespaced = offlineScopes(manifests);
  const { plan, failures } = buildPlan(manifests, {
    namespace: 'demo',
    lenient: false,
    hasVerdict: hasHealthRule,
    isNamespaced,
  });
  expect(failures).toEqual([]);
  return plan;
}

/** `PreSync -5: Job/backup`, one line a wave. */
function outlineOf(plan: SyncPlan): readonly string[] {
  return plan.phases.flatMap(({ phase, waves }) =>
    waves.map(({ wave, steps }) => {
      const objects = steps.map(({ kind, name, generateName }) => `${kind}/${name ?? `${generateName ?? ''}*`}`);
      return `${phase} ${String(wave)}: ${objects.join(', ')}`;
    }),
  );
}

describe.each(folders)('examples/%s', (folder) => {
  it('is planned without a failure or a warning', async () => {
    const plan = await planOf(folder);

    expect(plan.phases.length).toBeGreaterThan(0);
    expect(plan.warnings).toEqual([]);
  });

  it('has only annotations that the sandbox knows', async () => {
    for (const { object } of await manifestsOf(folder)) {
      const template = stringMapAt(object, 'spec', 'template', 'metadata', 'annotations');
      expect(annotationFaults({ ...annotationsOf(object), ...template })).toEqual([]);
    }
  });
});

it('examples/shop runs in the order its comments say', async () => {
  const plan = await planOf('shop');

  expect(outlineOf(plan)).toEqual([
    'PreSync -10: Secret/shop-credentials, ConfigMap/generated-config',
    'PreSync -5: PersistentVolumeClaim/shop-backups, Job/backup',
    'PreSync 0: Job/db-migrate',
    'PreSync 5: Job/seed',
    'Sync 0: ServiceAccount/shop, Secret/shop, ConfigMap/shop-config, Service/shop, Service/shop-cache, StatefulSet/shop-cache',
    'Sync 1: PodDisruptionBudget/shop, Deployment/shop',
    'Sync 2: Ingress/shop',
    'PostSync 0: Job/smoke-test',
    'PostSync 1: Pod/quick-task, Job/warm-cache-*',
    'PostSync 2: Job/notify-deployment',
    'SyncFail 0: Job/notify-failure',
  ]);
  expect(plan.skipped.map(({ kind, name }) => `${kind}/${String(name)}`)).toEqual(['ConfigMap/release-notes']);
});

it('examples/seed/hook-weights runs the three Jobs of the guide one after the other', async () => {
  expect(outlineOf(await planOf('seed/hook-weights'))).toEqual([
    'PreSync -5: Job/backup-database',
    'PreSync 0: Job/migrate-database',
    'PreSync 5: Job/seed-database',
  ]);
});

it.each(folders)('what the Jobs and Pods of examples/%s read exists before they start', async (folder) => {
  const manifests = await manifestsOf(folder);
  const steps = (await planOf(folder)).phases.flatMap(({ waves }) => waves.flatMap((wave) => wave.steps));
  const order = steps.flatMap((step) => (step.action === 'prune' ? [] : [step]));
  for (const [at, step] of order.entries()) {
    const before = order.slice(0, at).map(({ kind, name }) => `${kind}/${String(name)}`);
    const missing = neededBy(JSON.stringify(manifests[step.manifest]?.object)).filter((name) => !before.includes(name));
    expect({ step: step.id, missing }).toEqual({ step: step.id, missing: [] });
  }
});

/** The objects a pod template refers to by name. */
function neededBy(json: string): readonly string[] {
  const kinds = [
    ['Secret', /"secretKeyRef":\{"name":"([^"]+)"/g],
    ['ConfigMap', /"config(?:Map|MapRef)":\{"name":"([^"]+)"/g],
    ['PersistentVolumeClaim', /"claimName":"([^"]+)"/g],
  ] as const;
  return kinds.flatMap(([kind, pattern]) => [...json.matchAll(pattern)].map(([, name = '']) => `${kind}/${name}`));
}
