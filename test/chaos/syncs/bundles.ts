import fc from 'fast-check';
import { hasHealthRule } from '../../../core/health/rules.ts';
import type { JsonObject } from '../../../core/json.ts';
import { objectAt } from '../../../core/json.ts';
import { parseManifests } from '../../../core/manifests/parse.ts';
import type { Manifest } from '../../../core/manifests/manifest.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { buildPlan } from '../../../core/plan/build.ts';
import { printablePlan } from '../../../core/plan/printable.ts';
import { configMap, job, yamlOf } from '../../e2e/support/manifests.ts';
import { objectsOf, prunedOf, randomBundles } from '../../e2e/support/random-bundles.ts';
import type { Random } from '../../simulation/engine/random.ts';
import { randomOf } from '../../simulation/engine/random.ts';
import type { Ending, PlannedWave } from '../trace/sync-trace.ts';

/** What an application is synced to, one after the other. */
export interface ChaosBundle {
  readonly index: number;
  /** The values of its Secrets. */
  readonly secrets: readonly string[];
  readonly generations: readonly (readonly KubernetesObject[])[];
  /** How each ends when nothing disturbs it. */
  readonly endings: readonly Ending[];
}

const SUCCEEDS: Ending = { outcome: 'Succeeded', failures: [] };
const FAILS: Ending = { outcome: 'Failed', failures: ['HookFailed'] };

const POLICIES = [
  undefined,
  'BeforeHookCreation',
  'HookSucceeded',
  'HookFailed',
  'BeforeHookCreation,HookSucceeded',
] as const;
const PHASES = ['PreSync', 'Sync', 'PostSync'] as const;
/** Behind all waves of the random part, so that what a failure cuts off does not depend on time. */
const LAST_WAVE = 5;
const TRIES = 'syncline.dev/retries';

/** The bundles of a seed. The same seed makes the same ones for ever. */
export function chaosBundles(seed: number, count: number): readonly ChaosBundle[] {
  const random = randomOf(seed);
  return fc.sample(randomBundles, { numRuns: count, seed }).map((bundle, index) => {
    const secrets = [`hidden-${seed}-${index}-a`, `hidden-${seed}-${index}-b`];
    const own = objectsOf(bundle).map((object) => varied(object, random, secrets[0]!));
    const fails = random.chance(0.3);
    const phase = random.pick(PHASES);
    const retries = random.below(2);
    const last = (mended: boolean) =>
      fails
        ? [
            job('last', {
              ...{ hook: phase, wave: LAST_WAVE, annotations: { [TRIES]: String(retries) } },
              pods: mended ? { log: `found ${secrets[0]!}` } : { 'exit-code': '1', log: `found ${secrets[0]!}` },
            }),
            // Whether an earlier sync failed or was aborted is not to show in what is left.
            job('alert', { hook: 'SyncFail', policy: 'HookSucceeded' }),
          ]
        : [];
    const pruned = prunedOf(bundle).map(({ name, wave }) => configMap(name, { wave }));
    return {
      index,
      secrets,
      generations: [
        [...own, ...pruned, ...last(false)],
        [...own.map((object) => changed(object, secrets)), ...last(true)],
      ],
      endings: [fails ? FAILS : SUCCEEDS, SUCCEEDS],
    };
  });
}

/** Gives hooks policies, times and a TTL, and Secrets their value. */
function varied(object: KubernetesObject, random: Random, secret: string): KubernetesObject {
  if (object['kind'] === 'Secret') return { ...object, stringData: { password: secret } };
  const metadata = objectAt(object, 'metadata') ?? {};
  const annotations = objectAt(metadata, 'annotations') ?? {};
  const policy = random.pick(POLICIES);
  const ttl = random.chance(0.3);
  const time = `${[200, 800, 2000, 5000][random.below(4)]!}ms`;
  if (annotations['argocd.argoproj.io/hook'] === undefined) return object;
  const marked = { ...annotations, ...(policy && { 'argocd.argoproj.io/hook-delete-policy': policy }) };
  const own = { ...object, metadata: { ...metadata, annotations: marked } };
  if (object['kind'] === 'Pod') return timed(own, time);
  if (object['kind'] !== 'Job') return own;
  const spec = objectAt(object, 'spec') ?? {};
  const template = timed(objectAt(spec, 'template') ?? {}, time);
  return { ...own, spec: { ...spec, ...(ttl && { ttlSecondsAfterFinished: 2 }), template } };
}

/** What others come after keeps the time it takes. */
function timed<Templated extends JsonObject>(pod: Templated, time: string): Templated {
  const metadata = objectAt(pod, 'metadata') ?? {};
  const annotations = { 'sandbox.syncline.dev/succeed-after': time, ...objectAt(metadata, 'annotations') };
  return { ...pod, metadata: { ...metadata, annotations } };
}

function changed(object: KubernetesObject, secrets: readonly string[]): KubernetesObject {
  if (object['kind'] === 'ConfigMap') return { ...object, data: { key: 'changed' } };
  if (object['kind'] === 'Secret') return { ...object, stringData: { password: secrets[1]! } };
  return object;
}

/** Objects as manifests for a namespace. */
export function manifestsOf(objects: readonly KubernetesObject[], namespace: string): readonly Manifest[] {
  return parseManifests([{ file: 'app.yaml', text: yamlOf(...objects) }], { namespace }).manifests;
}

/** The waves of a plan, as its order is judged. */
export function wavesOf(manifests: readonly Manifest[], namespace: string): readonly PlannedWave[] {
  const { plan } = buildPlan(manifests, { namespace, lenient: false, hasVerdict: hasHealthRule, prunes: [] });
  const phases = printablePlan(plan).phases.filter(({ phase }) => phase !== 'SyncFail');
  const tries = new Map(manifests.map(({ object }) => [nameOf(object), Number(annotationOf(object, TRIES) ?? 0)]));
  return phases.flatMap(({ phase, waves }) =>
    waves.map(({ wave, steps }) => ({
      title: `${phase} wave ${wave}`,
      steps: steps.map(({ action, kind, name }) => ({
        ...{ kind, name: name ?? '', resource: `${kind.toLowerCase()}s` },
        runs: action === 'hook' && (kind === 'Job' || kind === 'Pod'),
        attempts: 1 + (tries.get(name ?? '') ?? 0),
      })),
    })),
  );
}

function nameOf(object: KubernetesObject): string {
  const name = objectAt(object, 'metadata')?.['name'];
  return typeof name === 'string' ? name : '';
}

function annotationOf(object: KubernetesObject, key: string): string | undefined {
  const value = objectAt(object, 'metadata', 'annotations')?.[key];
  return typeof value === 'string' ? value : undefined;
}
