import type { KubernetesObject, ObjectRef } from '../core/objects.ts';
import { refKey, refOf } from '../core/objects.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { isApiError } from '../kubernetes/errors.ts';
import { CONCURRENCY, mapConcurrently } from './concurrency.ts';

/** Up to so many objects of a kind and namespace are read one by one, more of them by one list. */
const MOST_SINGLE_READS = 5;

/** What was read of some objects. */
export interface LiveObjects {
  /** The live object, or undefined where it does not exist or could not be read. */
  get(ref: ObjectRef): KubernetesObject | undefined;
  /** The objects the cluster does not let us read (401, 403), with the error of each. */
  readonly refused: readonly { readonly ref: ObjectRef; readonly error: unknown }[];
}

/** Reads the live objects of references: by one list a kind and namespace where that is cheaper, and may be done. */
export async function readLive(
  cluster: Pick<Cluster, 'get' | 'list'>,
  refs: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<LiveObjects> {
  const found = new Map<string, KubernetesObject>();
  const refused: { readonly ref: ObjectRef; readonly error: unknown }[] = [];
  const singles: ObjectRef[] = [];
  await mapConcurrently(byKindAndNamespace(refs), CONCURRENCY, signal, async (group) => {
    const listed = group.length > MOST_SINGLE_READS ? await listOrNothing(cluster, group, signal) : undefined;
    if (listed === undefined) singles.push(...group);
    else for (const object of listed) found.set(refKey(refOf(object)), object);
  });
  await mapConcurrently(singles, CONCURRENCY, signal, async (ref) => {
    try {
      const object = await cluster.get(ref, signal);
      if (object !== undefined) found.set(refKey(ref), object);
    } catch (error) {
      if (!isDenied(error)) throw error;
      refused.push({ ref, error });
    }
  });
  return { get: (ref) => found.get(refKey(ref)), refused };
}

/** The objects of a group's kind and namespace; undefined where listing is not allowed or the kind is not served. */
async function listOrNothing(
  cluster: Pick<Cluster, 'list'>,
  group: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<readonly KubernetesObject[] | undefined> {
  const [first] = group;
  if (first === undefined) return [];
  const { apiVersion, kind, namespace } = first;
  try {
    return await cluster.list({ apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) }, signal);
  } catch (error) {
    if (isDenied(error) || isApiError(error, 404)) return undefined;
    throw error;
  }
}

function isDenied(error: unknown): boolean {
  return isApiError(error, 401) || isApiError(error, 403);
}

/**
 * References by kind and namespace, in the order of their first. Versions are told apart, because ownership of fields is
 * recorded by version, so that an object is read as it is written.
 */
export function byKindAndNamespace<T extends Omit<ObjectRef, 'name'>>(refs: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const ref of refs) {
    const key = `${ref.apiVersion}/${ref.kind}/${ref.namespace ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [ref]);
    else group.push(ref);
  }
  return [...groups.values()];
}
