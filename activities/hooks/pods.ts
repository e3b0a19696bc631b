import { arrayAt, stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { uidOf } from '../../core/objects.ts';
import { ApiError, ConnectionError } from '../../kubernetes/errors.ts';
import type { HookRun } from './hook-run.ts';

/** The pods of a hook's object, through the shared watch of their namespace; a Pod hook is its own. */
export async function podsOfHook(run: HookRun, live: KubernetesObject): Promise<readonly KubernetesObject[]> {
  const namespace = stringAt(live, 'metadata', 'namespace');
  if (stringAt(live, 'kind') === 'Pod') return [live];
  if (namespace === undefined) return [];
  const view = await run.cluster.view({ apiVersion: 'v1', kind: 'Pod', namespace }, run.runtime.signal);
  try {
    return view.all().filter((pod) => isOwnedBy(pod, uidOf(live)));
  } finally {
    view.close();
  }
}

function isOwnedBy(pod: KubernetesObject, uid: string): boolean {
  return arrayAt(pod, 'metadata', 'ownerReferences').some((owner) => stringAt(owner, 'uid') === uid);
}

/** Pods in the order in which they were created. */
export function oldestFirst(pods: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return pods.toSorted((a, b) => createdAt(a).localeCompare(createdAt(b)));
}

function createdAt(pod: KubernetesObject): string {
  return stringAt(pod, 'metadata', 'creationTimestamp') ?? '';
}

/** Answers undefined where the API server refuses or does not answer; anything else is a fault of ours and is thrown. */
export async function bestEffort<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError || error instanceof ConnectionError) return undefined;
    throw error;
  }
}
