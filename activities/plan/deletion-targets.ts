import { readDeletion } from '../../core/annotations/deletion.ts';
import type { Failure } from '../../core/failures.ts';
import { isBeingDeleted } from '../../core/health/rules.ts';
import { OWNER_ANNOTATION, ownerOf } from '../../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { annotationsOf, uidOf } from '../../core/objects.ts';
import type { SkippedObject } from '../../core/plan/plan.ts';
import type { DeletionTarget } from '../../core/plan/prunes.ts';
import type { ReleasedObject } from '../../core/sync/stored-plan.ts';
import type { InventoryEntry } from '../inventory/inventory.ts';
import { readLive } from '../live-objects.ts';
import type { Planning } from './planning.ts';
import { refusalOf } from './planning.ts';
import { dryRunFailures } from './prune-targets.ts';

/** What becomes of what an application owns. */
export interface Belongings {
  readonly targets: readonly DeletionTarget[];
  readonly released: readonly ReleasedObject[];
  /** The same as people read it, with reasons. */
  readonly kept: readonly SkippedObject[];
  readonly home?: ReleasedObject;
  readonly failures: readonly Failure[];
}

type Fate =
  | { readonly kind: 'deleted'; readonly target: DeletionTarget; readonly leaving: boolean }
  | { readonly kind: 'kept'; readonly object: ReleasedObject; readonly reason: string }
  | { readonly kind: 'home'; readonly object: ReleasedObject };

/**
 * Decides what becomes of the objects of an inventory: those that are live, carry our owner annotation and have the UID that the
 * inventory knows (if it knows one). They are deleted, or they are kept and let go of; the namespace that holds the record
 * is the last to go. What is on its way out is awaited with its wave.
 */
export async function findBelongings(
  planning: Planning,
  inventory: readonly InventoryEntry[],
  orphan: boolean,
): Promise<Belongings> {
  const { cluster, runtime } = planning;
  const live = await readLive(cluster, inventory, runtime.signal);
  const fates = inventory.flatMap((entry) => fateOf(planning, entry, live.get(entry), orphan));
  const deleted = fates.flatMap((fate) => (fate.kind === 'deleted' ? [fate] : []));
  const kept = fates.flatMap((fate) => (fate.kind === 'kept' ? [fate] : []));
  const home = fates.find((fate) => fate.kind === 'home');
  const doomed = deleted.filter(({ leaving }) => !leaving).map(({ target }) => target);
  return {
    targets: deleted.map(({ target }) => target),
    released: kept.map(({ object }) => object),
    kept: kept.map(({ object: { uid: _, ...ref }, reason }) => ({ ...ref, reason })),
    ...(home === undefined ? {} : { home: home.object }),
    failures: [
      ...live.refused.map(({ ref, error }) => refusalOf(planning, error, ref)),
      ...(await dryRunFailures(planning, doomed)),
    ],
  };
}

function fateOf(
  { request }: Planning,
  entry: InventoryEntry,
  live: KubernetesObject | undefined,
  orphan: boolean,
): readonly Fate[] {
  if (live === undefined || annotationsOf(live)[OWNER_ANNOTATION] !== ownerOf(request)) return [];
  if (entry.uid !== undefined && entry.uid !== uidOf(live)) return [];
  const { kept, ...reading } = readDeletion(live, request.options.syncOptions);
  const object = { ...bare(entry), uid: uidOf(live) };
  if (orphan) return [{ kind: 'kept', object, reason: 'kept and let go of (--orphan)' }];
  if (kept !== undefined) return [{ kind: 'kept', object, reason: `kept and let go of: ${kept}` }];
  if (entry.kind === 'Namespace' && entry.name === request.namespace) return [{ kind: 'home', object }];
  return [
    { kind: 'deleted', target: { ref: bare(entry), uid: uidOf(live), ...reading }, leaving: isBeingDeleted(live) },
  ];
}

function bare({ uid: _uid, ...ref }: InventoryEntry): ObjectRef {
  return ref;
}
