import { DEFAULT_RESOURCE_DEADLINE_MS } from '../../core/deadlines.ts';
import { arrayAt, stringAt } from '../../core/json.ts';
import { isBeingDeleted } from '../../core/health/rules.ts';
import { OWNER_ANNOTATION, ownerOf } from '../../core/markers.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { annotationsOf, uidOf } from '../../core/objects.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { ReleasedObject } from '../../core/sync/stored-plan.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { pause } from '../../kubernetes/pause.ts';
import type { ActivityRuntime } from '../runtime.ts';

/** How often to look whether the namespace is gone, ms. */
const LOOK_MS = 500;

/**
 * Deletes the namespace that held the record, where the application owns it, and waits until it is gone. Answers warnings: one
 * that does not go in 5 minutes says what holds it, since the application itself is gone by then.
 */
export async function deleteHome(
  cluster: Pick<Cluster, 'get' | 'delete'>,
  home: ReleasedObject | undefined,
  request: SyncRequest,
  runtime: ActivityRuntime,
): Promise<readonly string[]> {
  if (home === undefined) return [];
  const { uid, ...ref } = home;
  const until = runtime.scheduledAt + DEFAULT_RESOURCE_DEADLINE_MS;
  for (;;) {
    const live = await cluster.get(ref, runtime.signal);
    if (live === undefined || uidOf(live) !== uid) return [];
    if (annotationsOf(live)[OWNER_ANNOTATION] !== ownerOf(request)) return [];
    if (!isBeingDeleted(live)) {
      await deleteOnce(cluster, home, runtime.signal);
      continue;
    }
    if (runtime.now() >= until) return [`Namespace ${ref.name} is being deleted and does not go: ${holdUps(live)}.`];
    await pause(LOOK_MS, runtime.signal);
  }
}

async function deleteOnce(
  cluster: Pick<Cluster, 'delete'>,
  { uid, ...ref }: ReleasedObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await cluster.delete(ref, { uid, propagation: 'Background' }, signal);
  } catch (error) {
    // Made anew, or told already: the next look tells.
    if (!isApiError(error, 409)) throw error;
  }
}

/** What Kubernetes says of a namespace that does not go. */
function holdUps(namespace: KubernetesObject): string {
  const conditions = arrayAt(namespace, 'status', 'conditions').filter((each) => stringAt(each, 'status') === 'True');
  const messages = conditions.flatMap((each) => stringAt(each, 'message') ?? []);
  return messages.length === 0 ? 'Kubernetes does not say why' : messages.join('; ');
}
