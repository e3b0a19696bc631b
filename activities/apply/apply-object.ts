import { yieldsToManifests } from '../../core/managed-fields/yielding.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { applyOptions, conflictingManagers } from '../field-management.ts';

/**
 * Applies an object as its application's field manager. A conflict with nobody but managers that give way to manifests (a
 * hand edit with kubectl, an application that moves here) is settled by taking their fields over; any other is thrown.
 */
export async function applyObject(
  cluster: Pick<Cluster, 'apply'>,
  object: KubernetesObject,
  request: SyncRequest,
  signal: AbortSignal,
  dryRun = false,
): Promise<KubernetesObject> {
  const options = { ...applyOptions(request), ...(dryRun ? { dryRun } : {}) };
  try {
    return await cluster.apply(object, options, signal);
  } catch (error) {
    if (!isApiError(error, 409)) throw error;
    const managers = conflictingManagers(error);
    if (managers.length === 0 || !managers.every(yieldsToManifests)) throw error;
    return cluster.apply(object, { ...options, force: true }, signal);
  }
}
