import type { DisturbanceKind } from '../schedules/schedule.ts';
import type { World } from '../schedules/world.ts';
import type { Run } from '../temporal/run.ts';
import { syncIdOf } from '../temporal/run.ts';
import { rootsOf } from './known.ts';

/** What does not keep a sync that is stopped from its end. */
const PEOPLE: ReadonlySet<DisturbanceKind> = new Set<DisturbanceKind>([
  'abort',
  'cancel',
  'reset',
  'reset-phase',
  'sweep',
]);

/** How long it takes to stop a hook, where no time passes while there is something to do: a heartbeat's answer, mostly, ms. */
const STOPPING_MS = 5_000;

/** Where no machine fails, a hook is stopped at once when its sync is, whatever was reset before. */
export function stopsAtOnce(world: World): readonly string[] {
  const { schedule, audit } = world;
  if (schedule.temper.haste > 0 || schedule.disturbances.some(({ kind }) => !PEOPLE.has(kind))) return [];
  return rootsOf(world).flatMap((root) => {
    const told = toldAt(root);
    if (told === undefined || wasResetSince(world, root)) return [];
    return audit.runs
      .filter(({ syncId, startedAt }) => syncId === syncIdOf(root) && startedAt <= told)
      .filter(({ endedAt }) => (endedAt ?? Infinity) > told + STOPPING_MS)
      .map(({ name, uid }) => `${name} (${uid}) ran on after ${root.runId} had been told to stop`);
  });
}

function toldAt({ heard }: Run): number | undefined {
  return heard.find(({ message }) => message.kind === 'cancel' || message.name === 'abort')?.at;
}

/** A run that a reset follows is told no more, and what follows is told anew. */
function wasResetSince(world: World, root: Run): boolean {
  return rootsOf(world).some((later) => later !== root && later.workflowId === root.workflowId);
}
