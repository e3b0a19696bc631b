import type { Failure } from '../../core/failures.ts';
import { SynclineError } from '../../core/failures.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { rulesFor } from '../../core/ignored/rules.ts';
import type { IgnoredFields } from '../ignored-fields.ts';
import { openIgnoredFields } from '../ignored-fields.ts';
import type { LiveObjects } from '../live-objects.ts';
import type { Tried } from './dry-run.ts';
import type { NamedManifestStep, Planning } from './planning.ts';

/** The two states of an object that are compared. */
export interface Compared {
  readonly live: KubernetesObject;
  readonly predicted: KubernetesObject;
}

/** The states of objects of which something is ignored, by the IDs of their steps, and what is wrong with the rules. */
export interface ComparedObjects {
  readonly compared: ReadonlyMap<string, Compared>;
  readonly failures: readonly Failure[];
}

/** Takes the fields that the request ignores out of live and predicted objects. Without rules it does nothing. */
export async function withoutIgnoredFields(
  { request }: Planning,
  live: LiveObjects,
  steps: readonly NamedManifestStep[],
  predictions: Tried['predictions'],
): Promise<ComparedObjects> {
  const rules = request.options.ignoreDifferences ?? [];
  if (rules.length === 0) return { compared: new Map(), failures: [] };
  const ignored = openIgnoredFields(rules);
  try {
    const failures = await ignored.problems();
    if (failures.length > 0) return { compared: new Map(), failures };
    const concerned = steps.filter((step) => rulesFor(rules, step).length > 0);
    return { compared: await comparedObjects(ignored, live, concerned, predictions), failures };
  } catch (error) {
    if (error instanceof SynclineError) return { compared: new Map(), failures: error.failures };
    throw error;
  } finally {
    await ignored.close();
  }
}

async function comparedObjects(
  ignored: IgnoredFields,
  live: LiveObjects,
  steps: readonly NamedManifestStep[],
  predictions: Tried['predictions'],
): Promise<ReadonlyMap<string, Compared>> {
  const compared = new Map<string, Compared>();
  for (const step of steps) {
    const object = live.get(step);
    const prediction = predictions.get(step.id);
    if (object === undefined || prediction === undefined) continue;
    compared.set(step.id, {
      live: await ignored.without(object, step, object),
      predicted: await ignored.without(prediction.object, step, object),
    });
  }
  return compared;
}
