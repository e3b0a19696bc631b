import { failure } from '../../core/failures.ts';
import type { StoredSegment } from '../../core/sync/stored-plan.ts';
import { storedWave } from '../../core/sync/stored-plan.ts';
import type { SegmentAnswer, SegmentInput } from '../../workflows/activities.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { SyncContext } from '../sync-context.ts';
import { openSync } from '../sync-context.ts';
import { applyGroups } from './apply-groups.ts';
import { pruneSteps } from './prune-steps.ts';

/**
 * Prunes or applies the steps of one segment. Takes the segment's place in the plan; answers how many objects were
 * applied, left as they were, and pruned; all failures, when the user must mend some; or `fenced`. Throws what may pass by
 * itself (no answer, 429, 5xx, a kind not served yet, a namespace on its way out), to be tried again.
 */
export async function applySegment(
  input: SegmentInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<SegmentAnswer> {
  const sync = await openSync(input.scope, runtime, deps);
  return runSegment(sync, segmentOf(sync, input));
}

async function runSegment(sync: SyncContext, segment: StoredSegment): Promise<SegmentAnswer> {
  switch (segment.kind) {
    case 'apply':
      return applyGroups(sync, segment.groups);
    case 'prune':
      return pruneSteps(sync, segment.steps);
    case 'hooks':
    case 'await':
      throw failure('InvalidRequest', `A segment of kind ${segment.kind} was to be applied; it has nothing to apply.`);
  }
}

function segmentOf(sync: SyncContext, { phase, wave, segment }: SegmentInput): StoredSegment {
  const found = storedWave(sync.plan, phase, wave)?.segments[segment];
  if (found !== undefined) return found;
  throw failure('InvalidRequest', `The plan has no segment ${String(segment)} in wave ${String(wave)} of ${phase}.`);
}
