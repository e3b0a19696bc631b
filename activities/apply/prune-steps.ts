import type { Failure } from '../../core/failures.ts';
import { OWNER_ANNOTATION, ownerOf } from '../../core/markers.ts';
import { stringAt } from '../../core/json.ts';
import { annotationsOf, uidOf } from '../../core/objects.ts';
import type { PruneStep } from '../../core/plan/plan.ts';
import { runsOfOneKind } from '../../core/plan/segments.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { SegmentAnswer } from '../../workflows/activities.ts';
import { propagationOf } from '../propagation.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import type { SyncContext } from '../sync-context.ts';
import { failureIn, mayWrite } from '../sync-context.ts';

/**
 * Deletes what the application owns: what the bundle no longer has, or all of it with the application. Only the object that was planned (its UID is a precondition), and only while it is still the application's.
 */
export async function pruneSteps(sync: SyncContext, steps: readonly PruneStep[]): Promise<SegmentAnswer> {
  let done = 0;
  const failures: Failure[] = [];
  for (const group of groupsOf(steps)) {
    if (!(await mayWrite(sync))) return { kind: 'fenced' };
    const answers = await mapConcurrently(group, CONCURRENCY, sync.runtime.signal, async (step) => {
      const answer = await prune(sync, step);
      done += 1;
      sync.runtime.heartbeat({ kind: 'batch', done, total: steps.length });
      return answer;
    });
    failures.push(...answers.filter((answer) => answer !== undefined));
  }
  if (failures.length > 0) return { kind: 'failed', failures };
  return { kind: 'done', applied: 0, unchanged: 0, pruned: steps.length };
}

/** Prunes of a sync go side by side, as in Argo CD; with their application objects go kind by kind, users before what they use. */
function groupsOf(steps: readonly PruneStep[]): readonly (readonly PruneStep[])[] {
  return steps[0]?.phase === 'Delete' ? runsOfOneKind(steps) : [steps];
}

async function prune({ cluster, bundle, scope, runtime }: SyncContext, step: PruneStep): Promise<Failure | undefined> {
  try {
    const live = await cluster.get(step, runtime.signal);
    if (live === undefined || uidOf(live) !== step.uid) return undefined;
    if (stringAt(live, 'metadata', 'deletionTimestamp') !== undefined) return undefined;
    // Another application has adopted it since the plan was made.
    if (annotationsOf(live)[OWNER_ANNOTATION] !== ownerOf(scope.request)) return undefined;
    await cluster.delete(step, { uid: step.uid, propagation: propagationOf(scope.request) }, runtime.signal);
    return undefined;
  } catch (error) {
    // Made anew meanwhile: what was planned is not there any more.
    if (isApiError(error, 409)) return undefined;
    const refused = failureIn(bundle, error, step);
    if (refused === undefined) throw error;
    return refused;
  }
}
