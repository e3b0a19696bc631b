import { SynclineError, failure } from '../../core/failures.ts';
import type { Failure } from '../../core/failures.ts';
import { encodeBundle } from '../../core/manifests/bundle.ts';
import { listed } from '../../core/listed.ts';
import { describeRef } from '../../core/objects.ts';
import { buildDeletion } from '../../core/plan/deletion.ts';
import type { ApplyStep, HookStep } from '../../core/plan/plan.ts';
import type { SyncRecord } from '../../core/record/record.ts';
import type { DeletionOptions, SyncRequest } from '../../core/sync/request.ts';
import type { StoredDeletion } from '../../core/sync/stored-plan.ts';
import { loadBundle } from '../bundle-cache.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { InventoryEntry } from '../inventory/inventory.ts';
import { readInventory } from '../inventory/inventory.ts';
import { readLive } from '../live-objects.ts';
import { openRecord } from '../record/record-store.ts';
import { openIgnoredFields } from '../ignored-fields.ts';
import type { CheckedPlan } from './checked-plan.ts';
import { manifestSteps, realName } from './checked-plan.ts';
import type { Belongings } from './deletion-targets.ts';
import { findBelongings } from './deletion-targets.ts';
import { dryRun } from './dry-run.ts';
import { discoverKinds, unservedFailures } from './kinds.ts';
import { findOwners } from './ownership.ts';
import type { Findings, NamedManifestStep, Planning } from './planning.ts';
import { storedPlanOf } from './stored-plan.ts';
import type { WriteModes } from './write-modes.ts';
import { writeModes } from './write-modes.ts';

/** What planning a deletion stands on. */
export interface DeletionGround extends Omit<Planning, 'request' | 'bundle' | 'ignored'> {
  readonly deps: ActivityDependencies;
}

/**
 * Builds the plan of an application's deletion and checks it against the cluster: PreDelete hooks, everything the inventory owns in
 * reverse, PostDelete hooks. Changes nothing in the cluster. An application without record and inventory is an `InvalidRequest`.
 */
export async function checkedDeletion(
  request: SyncRequest,
  options: DeletionOptions,
  ground: DeletionGround,
): Promise<CheckedPlan> {
  const { cluster, own, runtime, deps, judge } = ground;
  const record = await openRecord(own, request).read(runtime.signal);
  const inventory = await readInventory(own, request, runtime.signal);
  if (record === undefined && inventory.length === 0)
    return { kind: 'failed', failures: [unknownApplication(request)] };
  const digest = await hooksBundle(request, options, record, ground);
  const bundle = await loadBundle(deps, digest, runtime.signal).catch((error: unknown) => {
    throw isMissing(error) ? lostBundle(request, error) : error;
  });
  const ignored = openIgnoredFields(request, deps.paths);
  return planFrom({ request, runtime, cluster, own, bundle, judge, ignored }, digest, inventory, options);
}

async function planFrom(
  planning: Planning,
  digest: string,
  inventory: readonly InventoryEntry[],
  { orphan }: DeletionOptions,
): Promise<CheckedPlan> {
  const { request, bundle, judge } = planning;
  const belongings = await findBelongings(planning, inventory, orphan);
  const kinds = await discoverKinds(planning);
  const { plan, failures } = buildDeletion(bundle.manifests, belongings.targets, {
    namespace: request.namespace,
    // What the last sync read leniently has been said then.
    lenient: request.options.lenient || request.bundle === '',
    hasVerdict: judge.hasRule,
    isNamespaced: kinds.isNamespaced,
  });
  const hooks = manifestSteps(plan, request);
  const tried = await triedHooks(planning, hooks);
  const unserved = unservedFailures(planning, kinds, hooks);
  const all = [...failures, ...unserved, ...belongings.failures, ...tried.failures];
  if (all.length > 0) return { kind: 'failed', failures: all };
  const warnings = [...tried.warnings, ...endWarnings(belongings)];
  const nameOf = (step: ApplyStep | HookStep) => realName(step, request);
  const unchanged = new Set<string>();
  const facts = { bundle, digest, unchanged, outOfSyncOnly: false, modes: tried.modes, warnings, nameOf };
  const stored = storedPlanOf({ ...plan, skipped: belongings.kept }, facts);
  return { kind: 'planned', plan: { ...stored, deletion: endOf(belongings) } };
}

/** The bundle whose hooks run: the one that is given, that of the last sync, or an empty one where none are to run. */
async function hooksBundle(
  request: SyncRequest,
  { orphan, skipHooks }: DeletionOptions,
  record: SyncRecord | undefined,
  { runtime, deps }: DeletionGround,
): Promise<string> {
  if (orphan || skipHooks) return deps.bundles.put(new TextEncoder().encode(encodeBundle([])), runtime.signal);
  const digest = request.bundle === '' ? (record?.pendingBundle ?? record?.bundle) : request.bundle;
  if (digest === undefined) throw lostBundle(request);
  return digest;
}

function isMissing(error: unknown): boolean {
  return error instanceof SynclineError && error.type === 'BundleNotFound';
}

function lostBundle({ application }: SyncRequest, cause?: unknown): SynclineError {
  return failure(
    'BundleNotFound',
    `the manifests of ${application}'s last sync are not known any more, so its PreDelete and PostDelete hooks can't be run`,
    { remedy: 'give the manifests (syncline delete APP PATH), or delete without hooks (--skip-hooks)' },
    { cause },
  );
}

function unknownApplication({ application, namespace, cluster }: SyncRequest): Failure {
  return {
    type: 'InvalidRequest',
    message: `there is no application ${application} in namespace ${namespace} of cluster ${cluster}: it has neither a record nor an inventory there`,
    remedy:
      'see `syncline list`, and give the namespace of its record (-n); what is deleted already needs nothing more',
  };
}

/** How hooks are written, and what the API server's dry run says of them. */
async function triedHooks(
  planning: Planning,
  hooks: readonly NamedManifestStep[],
): Promise<Findings & { readonly modes: WriteModes }> {
  const live = await readLive(planning.cluster, hooks, planning.runtime.signal);
  const ownership = await findOwners(planning, live, hooks);
  const modes = writeModes(planning, live, ownership, hooks);
  const { warnings, failures } = ownership;
  if (!planning.request.options.validate || hooks.length === 0) return { modes, warnings, failures };
  const trials = hooks.map((step) => ({ step, live: live.get(step), mode: modes.modeOf(step) }));
  const tried = await dryRun(planning, trials);
  return { modes, warnings: [...warnings, ...tried.warnings], failures: [...failures, ...tried.failures] };
}

function endWarnings({ home, kept }: Belongings): readonly string[] {
  const names = kept.map(({ name, ...object }) => describeRef({ ...object, name: name ?? '' }));
  return [
    ...(home === undefined
      ? []
      : [`Namespace ${home.name} is the application's own: it goes last, with all that is in it.`]),
    ...(names.length === 0 ? [] : [`Kept, and not the application's any more: ${listed(names)}.`]),
  ];
}

function endOf({ released, home }: Belongings): StoredDeletion {
  return { released, ...(home === undefined ? {} : { home }) };
}
