import type { Failure } from '../../core/failures.ts';
import { OWNER_ANNOTATION, ownerOf } from '../../core/markers.ts';
import { annotationsOf, describeRef } from '../../core/objects.ts';
import type { LiveObjects } from '../live-objects.ts';
import type { NamedManifestStep, Planning } from './planning.ts';
import { placeOf } from './planning.ts';

/** A failure for each live object that another application owns. What nobody owns is adopted by the apply. */
export function ownershipFailures(
  planning: Planning,
  live: LiveObjects,
  steps: readonly NamedManifestStep[],
): readonly Failure[] {
  return steps.flatMap((step): Failure[] => {
    const owner = foreignOwner(planning, live, step);
    if (owner === undefined) return [];
    return [
      {
        type: 'OwnershipConflict',
        message: `${describeRef(step)} belongs to application ${owner}, so ${ownerOf(planning.request)} does not touch it.`,
        remedy: `take it out of one of the two; to hand it over, remove the annotation ${OWNER_ANNOTATION} from the live object`,
        object: describeRef(step),
        location: placeOf(planning, step.manifest),
      },
    ];
  });
}

/** The other application that owns a step's live object; undefined where it is ours, nobody's, or not there. */
export function foreignOwner(planning: Planning, live: LiveObjects, step: NamedManifestStep): string | undefined {
  const object = live.get(step);
  const owner = object === undefined ? undefined : annotationsOf(object)[OWNER_ANNOTATION];
  return owner === ownerOf(planning.request) ? undefined : owner;
}
