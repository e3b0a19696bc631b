import { stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { createdAtOf, isOwnedBy, uidOf } from '../../core/objects.ts';
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

/** Pods in the order in which they were created. */
export function oldestFirst(pods: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return pods.toSorted((a, b) => createdAtOf(a).localeCompare(createdAtOf(b)));
}
