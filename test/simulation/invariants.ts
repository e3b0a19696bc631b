import { decidedOnce, nothingAfterRejection, nothingUnapproved } from './invariants/gates.ts';
import { beginsNothingMore } from './invariants/giving-way.ts';
import { decisionsCountOnce } from './invariants/holds.ts';
import { knownBefore, notAgain, notLost, notStopped, ranOnce, verdictFirst } from './invariants/hooks.ts';
import { servedOnce, withdrawnIsStopped } from './invariants/line.ts';
import { inOrder } from './invariants/order.ts';
import { staysOvertaken, takenByRight, verdictsStay } from './invariants/record.ts';
import { stopsAtOnce } from './invariants/stopping.ts';
import { everySyncEnds, lastWord, nothingLeft, outcomes, releasedAsApplied, toldTruly } from './invariants/syncs.ts';
import type { World } from './schedules/world.ts';

/** What must hold of every schedule; each answers what broke it. Judged by what the model saw, not by our records. */
export const INVARIANTS: Readonly<Record<string, (world: World) => readonly string[]>> = {
  'nothing unforeseen happens': ({ audit }) => audit.faults,
  'an attempt of a hook runs once': ranOnce,
  'a hook is known before it begins': knownBefore,
  'a hook goes once its verdict is written': verdictFirst,
  'nothing begins before its turn': inOrder,
  'what has succeeded does not run again in its sync': notAgain,
  'only a cancel that was asked for, or its deadline, stops a running hook': notStopped,
  'a verdict that is written stays': verdictsStay,
  'a record is taken by right': takenByRight,
  'who was overtaken stays so': staysOvertaken,
  'every sync ends': everySyncEnds,
  'a sync tells what its hooks did': toldTruly,
  'an undisturbed outcome': outcomes,
  'a sync that succeeded leaves what it applied': releasedAsApplied,
  'the newest sync has the last word': lastWord,
  'nothing is left over': nothingLeft,
  'no hook is lost': notLost,
  'what waits for an approval does not begin without it': nothingUnapproved,
  'nothing follows a rejected gate': nothingAfterRejection,
  'a gate is decided once, and not in vain': decidedOnce,
  'a decision on a hold counts once': decisionsCountOnce,
  'a sync that is stopped stops its hooks at once': stopsAtOnce,
  'a sync that gives way begins nothing more': beginsNothingMore,
  'a request in the line is served once, or withdrawn': servedOnce,
  'who is withdrawn too late is aborted': withdrawnIsStopped,
};
