import { failure } from '../core/failures.ts';
import { lateStartOf } from '../core/plan/left-out.ts';
import type { SyncPlan } from '../core/plan/plan.ts';
import { parsePlace } from '../core/sync/plan-place.ts';

/**
 * What `--from` leaves out of a plan, in words. Throws `InvalidRequest` for what is no place in it; waves of prunes are known to
 * the worker alone, so with `--prune` (`prune`) it has the last word.
 */
export function leftOutWords(plan: SyncPlan, from: string, prune: boolean): string {
  const place = parsePlace(from);
  if (place === undefined) {
    throw failure('InvalidRequest', `--from ${from} is no place in a plan`, {
      remedy: 'write PHASE or PHASE:WAVE, e.g. Sync:1',
    });
  }
  const start = lateStartOf(plan, place);
  if (start.kind === 'begins') {
    return start.leftOut.length === 0 ? 'nothing stands before it' : `left out: ${start.leftOut.join(', ')}`;
  }
  if (prune) return 'no manifest is of that wave';
  throw failure('InvalidRequest', `the plan has no ${from}`, { remedy: `it has ${start.places.join(', ')}` });
}
