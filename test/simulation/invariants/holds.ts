import type { World } from '../schedules/world.ts';
import { latestRoot, resultOf } from './known.ts';

/** Each decision on a sync that holds makes one round of it, and none that was accepted gets lost. */
export function decisionsCountOnce(world: World): readonly string[] {
  return world.schedule.syncs.flatMap(({ syncId }) => {
    const root = latestRoot(world, syncId);
    const result = resultOf(root);
    // What comes in the moment in which a sync is stopped, or gives way, is not followed any more.
    if (root === undefined || result === undefined || result.outcome === 'Aborted' || result.outcome === 'Superseded')
      return [];
    const deciders = (result.interventions ?? []).map(({ by }) => by);
    const rounds = result.round ?? 1;
    const accepted = root.events
      .flatMap(({ messages }) => messages)
      .filter(({ kind, name }) => kind === 'update' && (name === 'retry' || name === 'skip'))
      .map(({ argument }) => (argument as { readonly by: string }).by);
    return [
      ...accepted
        .filter((by) => !deciders.includes(by))
        .map((by) => `${syncId} accepted what ${by} decided, and lost it`),
      ...(new Set(deciders).size < deciders.length ? [`${syncId} took a decision twice: ${deciders.join(', ')}`] : []),
      ...(rounds === deciders.length + 1
        ? []
        : [`${syncId} had ${String(rounds)} rounds after ${String(deciders.length)} decisions`]),
    ];
  });
}
