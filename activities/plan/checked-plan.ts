import { resolveHookName } from '../../core/annotations/hook-names.ts';
import type { SyncDiff } from '../../core/diff/sync-diff.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { refKey } from '../../core/objects.ts';
import type { BuiltPlan } from '../../core/plan/build.ts';
import { buildPlan } from '../../core/plan/build.ts';
import type { ApplyStep, HookStep, SyncPlan } from '../../core/plan/plan.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { StoredPlan } from '../../core/sync/stored-plan.ts';
import type { Failed } from '../../workflows/activities.ts';
import type { LiveObjects } from '../live-objects.ts';
import { readLive } from '../live-objects.ts';
import { idleOptionWarnings } from './application-options.ts';
import { findDestinations } from './destinations.ts';
import type { Destinations } from './destinations.ts';
import { permissionFailures } from './permissions.ts';
import { withoutIgnoredFields } from './compared.ts';
import { diffOf } from './diff.ts';
import type { Tried } from './dry-run.ts';
import { dryRun } from './dry-run.ts';
import type { Kinds } from './kinds.ts';
import { discoverKinds, unservedFailures } from './kinds.ts';
import { tryNamespaceMetadata } from './namespace-metadata.ts';
import { findOwners } from './ownership.ts';
import type { Findings, NamedManifestStep, Planning } from './planning.ts';
import { refusalOf } from './planning.ts';
import type { Prunes } from './prune-targets.ts';
import { findPrunes } from './prune-targets.ts';
import { storedPlanOf } from './stored-plan.ts';
import type { Trials } from './trials.ts';
import { trialsOf, unchangedSteps } from './trials.ts';
import { writeModes } from './write-modes.ts';

/** A plan that nothing known speaks against, or all that speaks against it. */
export type CheckedPlan =
  | {
      readonly kind: 'planned';
      readonly plan: StoredPlan;
      /** Present in a dry run. */
      readonly diff?: SyncDiff;
    }
  | Failed;

/** Builds the plan of a request and checks it against the cluster, collecting all failures. Changes nothing. */
export async function checkedPlan(planning: Planning): Promise<CheckedPlan> {
  const kinds = await discoverKinds(planning);
  const draft = built(planning, kinds);
  const steps = manifestSteps(draft.plan, planning.request);
  const unserved = unservedFailures(planning, kinds, steps);
  const mistaken = [...draft.failures, ...(await planning.ignored.problems())];
  if (mistaken.length > 0) return { kind: 'failed', failures: [...mistaken, ...unserved] };

  const destinations = await findDestinations(planning, steps);
  const home = await tryNamespaceMetadata(planning);
  const live = await liveObjects(planning, kinds, destinations, steps);
  const ownership = await findOwners(planning, live, steps);
  const modes = writeModes(planning, live, ownership, steps);
  const unchanged = await unchangedSteps(planning, live, modes, steps);
  const known = { kinds, destinations, live, ownership, modes, unchanged };
  const tried = await validated(planning, trialsOf(planning, known, steps));
  const compared = await withoutIgnoredFields(planning, live, steps, tried.predictions);
  const prunes = await findPrunes(planning, bundledRefs(draft.plan, steps), resourcesOf(draft.plan, steps));
  const { plan, failures: mistakes } = built(planning, kinds, prunes);
  const findings: readonly Findings[] = [home, ownership, tried, prunes];
  const failures = [
    ...mistakes,
    ...unserved,
    ...destinations.failures,
    ...(await permissionFailures(planning, steps)),
    ...live.refused.map(({ ref, error }) => refusalOf(planning, error, ref, manifestOf(steps, ref))),
    ...findings.flatMap((found) => found.failures),
  ];
  if (failures.length > 0) return { kind: 'failed', failures };
  const outOfSyncOnly = planning.request.options.syncOptions?.ApplyOutOfSyncOnly === 'true';
  const warnings = [...idleOptionWarnings(planning.request), ...findings.flatMap((found) => found.warnings)];
  const facts = { digest: planning.request.bundle, unchanged, modes, outOfSyncOnly, warnings };
  const nameOf = (step: ApplyStep | HookStep) => realName(step, planning.request);
  const planned = { kind: 'planned', plan: storedPlanOf(plan, { ...facts, bundle: planning.bundle, nameOf }) } as const;
  if (!planning.request.options.dryRun) return planned;
  return {
    ...planned,
    diff: diffOf(planning, { steps, live, unchanged, predictions: tried.predictions, compared, prunes }),
  };
}

/** The plan of the bundle; what is to be pruned, and so may be selected, is known only once its draft has been looked at. */
function built({ request, bundle, judge }: Planning, kinds: Kinds, prunes?: Prunes): BuiltPlan {
  const { lenient, selection } = request.options;
  return buildPlan(bundle.manifests, {
    namespace: request.namespace,
    lenient,
    hasVerdict: judge.hasRule,
    isNamespaced: kinds.isNamespaced,
    prunes: prunes?.targets ?? [],
    ...(selection === undefined
      ? {}
      : { selection: { selection, ...(prunes === undefined ? {} : { others: prunes.selectable }) } }),
  });
}

/** The live objects of steps whose kind is served and whose namespace exists; of the others there can be none. */
async function liveObjects(
  { cluster, runtime }: Planning,
  kinds: Kinds,
  destinations: Destinations,
  steps: readonly NamedManifestStep[],
): Promise<LiveObjects> {
  const possible = steps.filter(
    (step) => kinds.isServed(step) && !(step.namespace !== undefined && destinations.isMissing(step.namespace)),
  );
  return readLive(cluster, possible, runtime.signal);
}

async function validated(planning: Planning, { trials, warnings }: Trials): Promise<Tried> {
  if (!planning.request.options.validate) return { predictions: new Map(), warnings: [], failures: [] };
  const tried = await dryRun(planning, trials);
  return { ...tried, warnings: [...warnings, ...tried.warnings] };
}

/** The steps of a plan that apply or run a manifest, under their real names. */
export function manifestSteps(plan: SyncPlan, request: SyncRequest): readonly NamedManifestStep[] {
  const steps = plan.phases.flatMap(({ waves }) => waves.flatMap((wave) => wave.steps));
  return steps.flatMap((step) => (step.action === 'prune' ? [] : [{ ...step, name: realName(step, request) }]));
}

/** A hook with `generateName` has the name of its first attempt; each later attempt has one of its own. */
export function realName(step: ApplyStep | HookStep, { revision, syncId }: SyncRequest): string {
  return step.name ?? resolveHookName(step.generateName ?? '', { phase: step.phase, revision, syncId, attempt: 1 });
}

/** Everything the bundle names, what it leaves alone included: none of it is ever pruned. */
function bundledRefs(plan: SyncPlan, steps: readonly NamedManifestStep[]): readonly ObjectRef[] {
  const skipped = plan.skipped.flatMap(({ name, ...object }) => (name === null ? [] : [{ ...object, name }]));
  return [...steps, ...skipped];
}

/** How many resources the bundle has, selected or not. */
function resourcesOf(plan: SyncPlan, steps: readonly NamedManifestStep[]): number {
  const unselected = plan.skipped.filter((object) => object.unselected === 'resource');
  return steps.filter((step) => step.action === 'apply').length + unselected.length;
}

function manifestOf(steps: readonly NamedManifestStep[], ref: ObjectRef): number | undefined {
  return steps.find((step) => refKey(step) === refKey(ref))?.manifest;
}
