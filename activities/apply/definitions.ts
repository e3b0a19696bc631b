import { definedKinds } from '../../core/apply/definitions.ts';
import type { Failure } from '../../core/failures.ts';
import { failure } from '../../core/failures.ts';
import { stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, refOf } from '../../core/objects.ts';
import type { LiveView } from '../../kubernetes/cluster.ts';
import type { SyncContext } from '../sync-context.ts';

/** How long a definition may take from its apply until its kind is served, ms. */
const MOST_WAIT_MS = 30_000;

/** How often discovery is asked again while nothing changes, ms. */
const LOOK_MS = 500;

/**
 * Waits until CustomResourceDefinitions are Established and their kinds are in discovery (Argo CD waits 3 s and goes on).
 * Takes them as they were applied; answers a failure for each that the cluster refuses for good (its names are taken).
 * Throws `KindNotServed`, to be tried again, when 30 s were not enough.
 */
export async function awaitDefinitions(
  sync: SyncContext,
  applied: readonly KubernetesObject[],
): Promise<readonly Failure[]> {
  const { runtime } = sync;
  const { signal } = runtime;
  const query = { apiVersion: stringAt(applied[0], 'apiVersion') ?? '', kind: 'CustomResourceDefinition' };
  const view = await sync.cluster.view(query, signal);
  try {
    const until = runtime.now() + MOST_WAIT_MS;
    for (;;) {
      const looks = await Promise.all(applied.map((definition) => lookAt(sync, view, definition)));
      const refused = looks.flatMap((look) => (look.kind === 'refused' ? [look.failure] : []));
      const waiting = looks.flatMap((look) => (look.kind === 'waiting' ? [look.name] : []));
      if (waiting.length === 0) return refused;
      if (runtime.now() >= until) throw notServed(waiting);
      await view.changed(LOOK_MS, signal);
    }
  } finally {
    view.close();
  }
}

type Look =
  | { readonly kind: 'served' }
  | { readonly kind: 'waiting'; readonly name: string }
  | { readonly kind: 'refused'; readonly failure: Failure };

async function lookAt(sync: SyncContext, view: LiveView, applied: KubernetesObject): Promise<Look> {
  const { cluster, runtime, judge, bundle } = sync;
  const ref = refOf(applied);
  const health = await judge.healthOf(view.get(ref.name) ?? applied, runtime.signal);
  if (health?.status === 'Degraded') {
    const message = bundle.redact(`${describeRef(ref)} can't be established: ${health.message}`);
    return { kind: 'refused', failure: { type: 'ResourceDegraded', object: describeRef(ref), message } };
  }
  if (health?.status !== 'Healthy') return { kind: 'waiting', name: ref.name };
  const served = await Promise.all(
    definedKinds(applied).map(({ apiVersion, kind }) => cluster.servedKind(apiVersion, kind, runtime.signal)),
  );
  return served.includes(undefined) ? { kind: 'waiting', name: ref.name } : { kind: 'served' };
}

function notServed(names: readonly string[]) {
  return failure(
    'KindNotServed',
    `The cluster does not serve the kinds of ${names.join(', ')} ${String(MOST_WAIT_MS / 1000)} s after their definitions were applied.`,
  );
}
