import { countsAsExtra } from '../../core/annotations/compare-options.ts';
import { readPruning } from '../../core/annotations/pruning.ts';
import { listed } from '../../core/listed.ts';
import { OWNER_ANNOTATION, ownerOf } from '../../core/markers.ts';
import type { Failure } from '../../core/failures.ts';
import { isBeingDeleted } from '../../core/health/rules.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { annotationsOf, describeRef, labelsOf, refKey, uidOf } from '../../core/objects.ts';
import type { PruneTarget } from '../../core/plan/prunes.ts';
import { leftOutBecause, readSelection } from '../../core/selection/selection.ts';
import type { Selectable } from '../../core/selection/selection.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { propagationOf } from '../propagation.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import type { InventoryEntry } from '../inventory/inventory.ts';
import { readInventory } from '../inventory/inventory.ts';
import { readLive } from '../live-objects.ts';
import { isDryRunUnsupported } from './dry-run.ts';
import type { Findings, Planning } from './planning.ts';
import { refusalOf } from './planning.ts';

/** What is to be pruned, and what of the application's objects stays although the bundle does not have it. */
export interface Prunes extends Findings {
  readonly targets: readonly PruneTarget[];
  /** What a selection may name beside the manifests, since it could be pruned. */
  readonly selectable: readonly Selectable[];
  readonly extra: readonly ObjectRef[];
}

interface Candidate {
  readonly target: PruneTarget;
  readonly selectable: Selectable;
  /** It is being deleted already: awaited, not deleted again. */
  readonly leaving: boolean;
  /** Whether it makes the application differ from its manifests while it stays. */
  readonly isExtra: boolean;
  readonly kept?: string;
}

/**
 * Finds what the application's inventory names and the bundle no longer has. Pruned is only what is live, carries our
 * owner annotation, has the UID the inventory knows (if it knows one), is not protected by its annotations or by the
 * application's options, and not left out by the selection. What is on its way out already is a target too, so that its wave
 * awaits it, but counts towards no limit. Without `prune` there are no targets and a warning counts them. `bundled` are the
 * objects the bundle names, selected or not, `remaining` counts its resources.
 */
export async function findPrunes(
  planning: Planning,
  bundled: readonly ObjectRef[],
  remaining: number,
): Promise<Prunes> {
  const { request, runtime, cluster, own } = planning;
  const names = new Set(bundled.map(refKey));
  const unbundled = (await readInventory(own, request, runtime.signal)).filter((entry) => !names.has(refKey(entry)));
  const live = await readLive(cluster, unbundled, runtime.signal);
  const { rule } = readSelection(request.options.selection ?? {});
  const found = unbundled.flatMap((entry) => candidateOf(planning, entry, live.get(entry)));
  const candidates = found.filter(({ selectable }) => leftOutBecause(rule, selectable) === undefined);
  const pruned = candidates.filter(({ kept }) => kept === undefined);
  const doomed = pruned.filter(({ leaving }) => !leaving).map(({ target }) => target);
  const staying = candidates.filter(({ kept, leaving }) => !leaving && (kept !== undefined || !request.options.prune));
  const extra = staying.filter(({ isExtra }) => isExtra).map(({ target }) => target.ref);
  if (!request.options.prune) {
    return { targets: [], extra, selectable: [], failures: [], warnings: unprunedWarning(planning, doomed) };
  }
  const refusals = refusalsOf(planning, doomed, remaining);
  const denied = live.refused
    .filter(({ ref }) => leftOutBecause(rule, { ref, labels: {}, role: 'resource' }) === undefined)
    .map(({ ref, error }) => refusalOf(planning, error, ref));
  const failures = [...refusals, ...denied, ...(refusals.length === 0 ? await dryRunFailures(planning, doomed) : [])];
  const spared = found.filter((candidate) => !candidates.includes(candidate));
  return {
    targets: pruned.map(({ target }) => target),
    extra,
    selectable: found.map(({ selectable }) => selectable),
    failures,
    warnings: [...keptWarning(candidates), ...sparedWarning(spared)],
  };
}

function candidateOf(
  { request }: Planning,
  entry: InventoryEntry,
  live: Parameters<typeof annotationsOf>[0] | undefined,
): readonly Candidate[] {
  if (live === undefined) return [];
  if (annotationsOf(live)[OWNER_ANNOTATION] !== ownerOf(request)) return [];
  if (entry.uid !== undefined && entry.uid !== uidOf(live)) return [];
  const leaving = isBeingDeleted(live);
  const { kept, approval, ...reading } = readPruning(live, request.options.syncOptions);
  const isHome = entry.kind === 'Namespace' && entry.name === request.namespace;
  const protection = isHome ? 'it holds the record of the application' : kept;
  const asks = approval === undefined || leaving ? {} : { approval };
  const ref = bare(entry);
  return [
    {
      target: { ref, uid: uidOf(live), ...reading, ...asks },
      selectable: { ref, labels: labelsOf(live), role: 'resource' },
      leaving,
      isExtra: countsAsExtra(live),
      ...(protection === undefined ? {} : { kept: protection }),
    },
  ];
}

function bare({ uid: _uid, ...ref }: InventoryEntry): ObjectRef {
  return ref;
}

function refusalsOf({ request }: Planning, targets: readonly PruneTarget[], remaining: number): readonly Failure[] {
  const { allowEmpty, maxPrune } = request.options;
  const count = countOf(targets.length);
  const failures: Failure[] = [];
  if (targets.length > 0 && remaining === 0 && !allowEmpty) {
    failures.push({
      type: 'PruneRefused',
      message: `The manifests have no resource left, so all ${count} of application ${request.application} would be pruned: ${titles(targets)}.`,
      remedy: 'check that the right directory was rendered; if it is meant so, use --allow-empty',
    });
  }
  if (maxPrune !== undefined && targets.length > maxPrune) {
    failures.push({
      type: 'PruneRefused',
      message: `${count} would be pruned, more than the ${String(maxPrune)} that are allowed: ${titles(targets)}.`,
      remedy: 'check that they are really to go; then raise --max-prune',
    });
  }
  return failures;
}

/** The failures of deletions that the API server's dry run refuses; none without validation. */
export async function dryRunFailures(
  planning: Planning,
  targets: readonly Pick<PruneTarget, 'ref' | 'uid'>[],
): Promise<readonly Failure[]> {
  const { cluster, runtime, request } = planning;
  if (!request.options.validate) return [];
  const answers = await mapConcurrently(targets, CONCURRENCY, runtime.signal, async ({ ref, uid }) => {
    try {
      await cluster.delete(ref, { uid, propagation: propagationOf(request), dryRun: true }, runtime.signal);
      return undefined;
    } catch (error) {
      // Replaced since it was read: then it is not pruned either.
      return isApiError(error, 409) || isDryRunUnsupported(error) ? undefined : refusalOf(planning, error, ref);
    }
  });
  return answers.filter((answer) => answer !== undefined);
}

function unprunedWarning({ request }: Planning, targets: readonly PruneTarget[]): readonly string[] {
  if (targets.length === 0) return [];
  const verb = targets.length === 1 ? 'is' : 'are';
  return [
    `${countOf(targets.length)} of application ${request.application} ${verb} not in the manifests any more and would be pruned with --prune: ${titles(targets)}.`,
  ];
}

function keptWarning(candidates: readonly Candidate[]): readonly string[] {
  const kept = candidates.flatMap(({ target, kept: why }) =>
    why === undefined ? [] : [`${describeRef(target.ref)} (${why})`],
  );
  return kept.length === 0 ? [] : [`Not in the manifests any more, but kept: ${listed(kept)}.`];
}

function sparedWarning(spared: readonly Candidate[]): readonly string[] {
  if (spared.length === 0) return [];
  const names = listed(spared.map(({ target }) => describeRef(target.ref)));
  return [`Not in the manifests any more, but left alone because it is not selected: ${names}.`];
}

function countOf(count: number): string {
  return count === 1 ? '1 object' : `${String(count)} objects`;
}

function titles(targets: readonly PruneTarget[]): string {
  return listed(targets.map(({ ref }) => describeRef(ref)));
}
