import { REVISED_BY, currentPods, kindKeyOf } from '../../core/health/current-pods.ts';
import type { StandingProblem, StuckPod } from '../../core/health/stuck-pods.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { LiveView } from '../../kubernetes/cluster.ts';
import { bestEffort } from '../best-effort.ts';
import { watchStuckPods } from '../stuck-watch.ts';
import type { SyncContext } from '../sync-context.ts';
import type { Subject } from './judgement.ts';

/** Tells which workloads have pods that are stuck for good. */
export interface StuckWorkloads {
  /** Takes in how the pods of these workloads are now. */
  note(workloads: readonly KubernetesObject[]): void;
  stuckPodOf(workload: KubernetesObject): StuckPod | undefined;
  report(): { readonly standing?: readonly StandingProblem[] };
  close(): void;
}

/** Nobody has asked to give up on pods. */
const PATIENT: StuckWorkloads = {
  note: () => undefined,
  stuckPodOf: () => undefined,
  report: () => ({}),
  close: () => undefined,
};

/**
 * Follows the pods of a wave's workloads, where the sync has a grace period for stuck ones, by live views of their namespaces: no
 * moment of health is missed. What may not be read is taken to be in order.
 */
export async function openStuckWorkloads(sync: SyncContext, subjects: readonly Subject[]): Promise<StuckWorkloads> {
  const { scope, runtime } = sync;
  const graceMs = scope.request.options.stuckPodGraceMs;
  const workloads = subjects.filter(({ kind, step }) => kind === 'applied' && kindKeyOf(step) in REVISED_BY);
  if (graceMs === undefined || workloads.length === 0) return PATIENT;
  const views = await openPodViews(sync, workloads);
  const watch = watchStuckPods(runtime, graceMs);
  const all = (kind: string) => views.filter((view) => view.kind === kind).flatMap(({ view }) => view.all());
  const podsOf = (workload: KubernetesObject): readonly KubernetesObject[] =>
    currentPods(workload, {
      pods: all('Pod'),
      replicaSets: all('ReplicaSet'),
      controllerRevisions: all('ControllerRevision'),
    }) ?? [];
  return {
    note: (live) => watch.note(live.flatMap(podsOf)),
    stuckPodOf: (workload) => watch.stuckOf(podsOf(workload)),
    report: () => watch.report(),
    close: () => views.forEach(({ view }) => view.close()),
  };
}

interface KindView {
  readonly kind: string;
  readonly view: LiveView;
}

async function openPodViews(
  { cluster, runtime }: SyncContext,
  subjects: readonly Subject[],
): Promise<readonly KindView[]> {
  const wanted = new Map<string, { readonly apiVersion: string; readonly kind: string; readonly namespace: string }>();
  for (const { step } of subjects) {
    const { namespace } = step;
    if (namespace === undefined) continue;
    const revisedBy = REVISED_BY[kindKeyOf(step)];
    wanted.set(`${namespace}/Pod`, { apiVersion: 'v1', kind: 'Pod', namespace });
    if (revisedBy !== undefined) {
      wanted.set(`${namespace}/${revisedBy}`, { apiVersion: 'apps/v1', kind: revisedBy, namespace });
    }
  }
  const opened = [...wanted.values()].map(async (query) => {
    const view = await bestEffort(() => cluster.view(query, runtime.signal));
    return view === undefined ? [] : [{ kind: query.kind, view }];
  });
  return (await Promise.all(opened)).flat();
}
