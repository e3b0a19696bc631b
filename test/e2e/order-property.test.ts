import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasHealthRule } from '../../core/health/rules.ts';
import { arrayAt, stringAt } from '../../core/json.ts';
import { parseManifests } from '../../core/manifests/parse.ts';
import { buildPlan } from '../../core/plan/build.ts';
import type { PrintablePlan, PrintableStep } from '../../core/plan/printable.ts';
import { printablePlan } from '../../core/plan/printable.ts';
import type { WriteEvent } from './support/audit.ts';
import { isCreation, written } from './support/audit.ts';
import { configMap, yamlOf } from './support/manifests.ts';
import type { WrittenWave } from './support/plan-order.ts';
import { orderFaults, receivedFirst, writtenWaves } from './support/plan-order.ts';
import type { RandomBundle } from './support/random-bundles.ts';
import { objectsOf, prunedOf, randomBundles } from './support/random-bundles.ts';
import type { Application, World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

const BUNDLES = 5;

/** The plan of the second sync, prunes included. */
function planOf(app: Application, bundle: RandomBundle): PrintablePlan {
  const text = yamlOf(...objectsOf(bundle));
  const { manifests } = parseManifests([{ file: 'app.yaml', text }], { namespace: app.name });
  const prunes = prunedOf(bundle).map(({ name, wave }) => ({
    ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: app.name, name },
    ...{ uid: name, wave, pruneLast: false },
  }));
  const options = { namespace: app.name, lenient: false, hasVerdict: hasHealthRule, prunes };
  return printablePlan(buildPlan(manifests, options).plan);
}

test('whatever a bundle holds, the API server sees it in the order of its plan [argo 2.1.sort] [argo 2.1.prune-waves] [argo 2.3.waits]', async () => {
  const seed = Number(process.env['SYNCLINE_E2E_SEED'] ?? Date.now());
  const runs = fc.sample(randomBundles, { numRuns: BUNDLES, seed }).map(async (bundle, index) => {
    const app = await world.application(`bundle-${index}`);
    const old = prunedOf(bundle).map(({ name, wave }) => configMap(name, { wave }));
    if (old.length > 0) expect(await app.sync(old)).toMatchObject({ code: 0 });
    const before = await app.writes();
    const { code, stdout, stderr } = await app.sync(objectsOf(bundle), '--prune', '--allow-empty');
    const events = (await app.writes()).slice(before.length);
    const plan = planOf(app, bundle);
    const about = [
      `SYNCLINE_E2E_SEED=${seed}, ${app.name}: ${JSON.stringify(bundle)}`,
      `planned: ${stepsOf(plan).map(titleOf).join(', ')}`,
      `seen: ${events
        .filter((event) => isCreation(event) || event.verb === 'delete')
        .map(written)
        .join(', ')}`,
      stdout + stderr,
    ].join('\n');
    expect(code, about).toBe(0);
    const waves = writtenWaves(plan, events);
    const waits = [...(await waitFaults(app, plan, waves)), ...(await dependencyFaults(app, plan, events))];
    expect([...orderFaults(waves), ...waits], about).toEqual([]);
    expect(waves.flatMap(({ groups }) => groups.flatMap(({ writes }) => writes)).length, about).toBe(
      bundle.pieces.length + bundle.pruned.length,
    );
  });
  await Promise.all(runs);
});

function stepsOf(plan: PrintablePlan): readonly PrintableStep[] {
  return plan.phases.flatMap(({ waves }) => waves.flatMap(({ steps }) => steps));
}

function titleOf({ action, kind, name }: Pick<PrintableStep, 'kind' | 'name'> & { action?: string }): string {
  return `${action === undefined ? '' : `${action} `}${kind}/${name ?? ''}`;
}

/** Waves that began before all of the wave before them had ended well, by what the cluster itself says of that. */
async function waitFaults(
  app: Application,
  plan: PrintablePlan,
  written: readonly WrittenWave[],
): Promise<readonly string[]> {
  const waves = plan.phases.filter(({ phase }) => phase !== 'SyncFail').flatMap((phase) => phase.waves);
  const faults = waves.slice(0, -1).map(async ({ steps }, index) => {
    const { title, groups } = written[index + 1]!;
    const began = receivedFirst(groups.flatMap(({ writes }) => writes));
    const made = steps.filter(({ action }) => action !== 'prune');
    const ends = await Promise.all(made.map(async (step) => ({ step, ended: await endOf(app, step) })));
    return ends
      .filter(({ ended }) => ended !== undefined && !hasEndedBy(ended, began))
      .map(({ step, ended }) => `${title} began at ${began}, ${titleOf(step)} had ended at ${ended ?? ''}`);
  });
  return (await Promise.all(faults)).flat();
}

function hasEndedBy(ended: string, moment: string): boolean {
  return Date.parse(ended) <= Date.parse(moment);
}

/** Steps that were made before what they come after had ended well, by what the cluster itself says of that. */
async function dependencyFaults(
  app: Application,
  plan: PrintablePlan,
  events: readonly WriteEvent[],
): Promise<readonly string[]> {
  const pairs = stepsOf(plan).flatMap((step) => (step.after ?? []).map((on) => ({ step, on })));
  const faults = pairs.map(async ({ step, on }) => {
    const made = events.find((event) => isCreation(event) && event.name === step.name);
    const ended = await endOf(app, on);
    return made !== undefined && (ended === undefined || hasEndedBy(ended, made.receivedAt))
      ? []
      : [`${titleOf(step)} was made at ${made?.receivedAt ?? 'no time'}, ${titleOf(on)} had ended at ${ended ?? ''}`];
  });
  return (await Promise.all(faults)).flat();
}

/** When an object was done, cut to the second by Kubernetes; undefined for kinds that are done once they are made. */
async function endOf(app: Application, on: Pick<PrintableStep, 'kind' | 'name'>): Promise<string | undefined> {
  const { kind, name } = on;
  if (kind !== 'Job' && kind !== 'Pod' && kind !== 'Deployment') return undefined;
  const live = await app.get(kind, name ?? '');
  const [container] = arrayAt(live, 'status', 'containerStatuses');
  const available = arrayAt(live, 'status', 'conditions').find((each) => stringAt(each, 'type') === 'Available');
  return (
    stringAt(live, 'status', 'completionTime') ??
    stringAt(container, 'state', 'terminated', 'finishedAt') ??
    stringAt(available, 'lastTransitionTime') ??
    'never'
  );
}
