import type { WriteMode } from '../../core/apply/write-mode.ts';
import { objectAt, stringAt } from '../../core/json.ts';
import { withoutLeftBehind } from '../../core/managed-fields/left-behind.ts';
import { handedOver } from '../../core/managed-fields/migration.ts';
import { fieldManagerOf } from '../../core/markers.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { resourceVersionOf } from '../../core/objects.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { writeOptions } from '../apply/replace-object.ts';
import type { Writing } from '../apply/writing.ts';

/** An object that is adopted, and what the API server's dry run of its apply says comes of it. */
interface AdoptedObject {
  readonly desired: KubernetesObject;
  readonly live: KubernetesObject;
  readonly applied: KubernetesObject;
}

/**
 * What comes of an object once its predecessors have handed their fields over: a dry run of the apply alone can't know it,
 * since these are not handed over before the sync. What would be taken away is left out, and a dry run of that as a PUT lets
 * the API server fill in its defaults. Where it refuses that, the answer is that of the apply.
 */
export async function afterHandOver(
  writing: Writing,
  { desired, live, applied }: AdoptedObject,
  mode: WriteMode,
): Promise<KubernetesObject> {
  if (mode.kind !== 'apply' || mode.adoption?.handOver !== true) return applied;
  const { cluster, request, runtime, ignored } = writing;
  const fieldManager = fieldManagerOf(request.application);
  const apiVersion = stringAt(desired, 'apiVersion') ?? '';
  const managedFields = handedOver(live, { fieldManager, apiVersion, from: mode.adoption.from });
  if (managedFields === undefined) return applied;
  const ours = { ...live, metadata: { ...objectAt(live, 'metadata'), managedFields } };
  const sent = ignored === undefined ? desired : await ignored.kept(desired, ours, 'apply');
  const rest = withoutLeftBehind(applied, ours, sent, fieldManager);
  if (rest === undefined) return applied;
  const metadata = { ...objectAt(rest, 'metadata'), resourceVersion: resourceVersionOf(live) };
  try {
    return await cluster.replace({ ...rest, metadata }, writeOptions(writing, mode.validation), runtime.signal);
  } catch (error) {
    if (error instanceof ApiError) return applied;
    throw error;
  }
}
