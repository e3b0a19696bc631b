import type { KubernetesObject } from '../../core/objects.ts';
import { rulesFor } from '../../core/ignored/rules.ts';
import type { LiveObjects } from '../live-objects.ts';
import type { Tried } from './dry-run.ts';
import type { NamedManifestStep, Planning } from './planning.ts';

/** The two states of an object that are compared. */
export interface Compared {
  readonly live: KubernetesObject;
  readonly predicted: KubernetesObject;
}

/**
 * The live and predicted states of the objects of which the request ignores something, without that, by the IDs of their
 * steps. Throws `InvalidRequest` for an expression that takes too long.
 */
export async function withoutIgnoredFields(
  { request, ignored }: Planning,
  live: LiveObjects,
  steps: readonly NamedManifestStep[],
  predictions: Tried['predictions'],
): Promise<ReadonlyMap<string, Compared>> {
  const compared = new Map<string, Compared>();
  const rules = request.options.ignoreDifferences ?? [];
  for (const step of steps) {
    const object = live.get(step);
    const prediction = predictions.get(step.id);
    if (object === undefined || prediction === undefined || rulesFor(rules, step).length === 0) continue;
    compared.set(step.id, {
      live: await ignored.without(object, step, object),
      predicted: await ignored.without(prediction.object, step, object),
    });
  }
  return compared;
}
