import { failureOf } from '../annotations/steps.ts';
import type { StepReading } from '../annotations/steps.ts';
import type { Failure } from '../failures.ts';
import type { Manifest } from '../manifests/manifest.ts';
import type { ObjectRef } from '../objects.ts';
import { labelsOf, refOf } from '../objects.ts';
import type { Selectable } from '../selection/selection.ts';
import type { SkippedObject } from './plan.ts';
import type { TaskContext } from './tasks.ts';
import { stepObjectOf } from './tasks.ts';

/** A manifest and what its annotations make of it. */
export interface Entry {
  readonly manifest: Manifest;
  /** Index of the manifest in the bundle. */
  readonly index: number;
  readonly reading: StepReading;
}

/** The object of an entry that its own annotations leave alone, and why; none for any other. */
export function skippedByItself({ manifest, reading }: Entry, context: TaskContext): readonly SkippedObject[] {
  if (reading.kind !== 'skip' && reading.kind !== 'left-out') return [];
  return [{ ...stepObjectOf(manifest, context), reason: reading.reason }];
}

/** How a selection knows an entry; undefined for one that takes no part in a sync anyway. */
export function selectableOf({ manifest, reading }: Entry, context: TaskContext): Selectable | undefined {
  if (reading.kind !== 'resource' && reading.kind !== 'hook') return undefined;
  return { ref: refOfManifest(manifest, context), labels: labelsOf(manifest.object), role: reading.kind };
}

/** The reference of a manifest's object; a name that is yet to be generated is its prefix and a star, which no name can hold. */
export function refOfManifest(manifest: Manifest, context: TaskContext): ObjectRef {
  const { generateName, ...object } = stepObjectOf(manifest, context);
  return { ...object, name: object.name ?? `${generateName ?? ''}*` };
}

/** The failure for a resource without a name. */
export function unnamed({ manifest, reading }: Entry): readonly Failure[] {
  if (reading.kind !== 'resource' || refOf(manifest.object).name !== '') return [];
  const message = 'it has metadata.generateName but no metadata.name, which only a hook may';
  return [failureOf(manifest, { message, remedy: 'give it a metadata.name, or make it a hook' })];
}
