import { stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { refOf, uidOf } from '../core/objects.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { podsOf } from '../kubernetes/logs-and-events.ts';
import type { ActivityRuntime } from './runtime.ts';

/** How long an object may take to leave before that is a failure: finalizers and terminating pods included. */
const LEAVE_LIMIT_MS = 5 * 60_000;

/** How often to look when no watch tells of a change. */
const LOOK_AGAIN_MS = 1_000;

/** With what the departure of an object is watched. */
export interface Watching {
  readonly cluster: Pick<Cluster, 'get' | 'list' | 'view'>;
  readonly runtime: Pick<ActivityRuntime, 'signal' | 'now'>;
  /** Called before each further look. */
  report?(): void;
}

/**
 * Waits until an object that is being deleted is gone, and with a Job its pods. Answers `stays` when it has not left
 * within 5 minutes.
 */
export async function awaitDeparture(watching: Watching, live: KubernetesObject): Promise<'gone' | 'stays'> {
  const { runtime, cluster } = watching;
  const limit = runtime.now() + LEAVE_LIMIT_MS;
  const { apiVersion, kind, namespace } = refOf(live);
  const query = { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) };
  const view = await cluster.view(query, runtime.signal);
  try {
    while (!(await isGone(watching, live))) {
      if (runtime.now() >= limit) return 'stays';
      watching.report?.();
      await view.changed(LOOK_AGAIN_MS, runtime.signal);
    }
    return 'gone';
  } finally {
    view.close();
  }
}

async function isGone({ runtime, cluster }: Watching, live: KubernetesObject): Promise<boolean> {
  const now = await cluster.get(refOf(live), runtime.signal);
  if (now !== undefined && uidOf(now) === uidOf(live)) return false;
  const namespace = stringAt(live, 'metadata', 'namespace');
  if (stringAt(live, 'kind') !== 'Job' || namespace === undefined) return true;
  const pods = await podsOf(cluster, namespace, uidOf(live), runtime.signal);
  return pods.length === 0;
}
