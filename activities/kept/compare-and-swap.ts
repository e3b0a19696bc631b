import type { KubernetesObject } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';

/**
 * Writes an object if nobody has changed it since it was read: creates it where there was none, else replaces it, its
 * resourceVersion being that of the object that was read (`stored`). False where the race was lost: to be read and decided again.
 */
export async function wroteUnchanged(
  cluster: Pick<Cluster, 'create' | 'replace'>,
  object: KubernetesObject,
  stored: KubernetesObject | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    if (stored === undefined) await cluster.create(object, {}, signal);
    else await cluster.replace(object, {}, signal);
    return true;
  } catch (error) {
    // A 404 is of one that was deleted between our read and our write: the next look finds nothing and creates it.
    if (isApiError(error, 409) || (stored !== undefined && isApiError(error, 404))) return false;
    throw error;
  }
}
