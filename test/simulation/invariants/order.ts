import type { World } from '../schedules/world.ts';
import type { Begun } from './begun.ts';
import { begunIn, orderOf, placeOf } from './begun.ts';
import { isSkipped } from './syncs.ts';

/** Nothing of a wave begins before the hooks of all waves before it have succeeded, in its sync, or were passed over. */
export function inOrder(world: World): readonly string[] {
  return begunIn(world).flatMap((begun) =>
    world.schedule.hooks
      .filter((hook) => orderOf(placeOf(hook)) >= 0 && orderOf(placeOf(hook)) < orderOf(begun.place))
      .filter(({ name }) => !hadSucceeded(world, name, begun) && !isPassedOver(world, name, begun))
      .map(({ name }) => `${begun.what} of ${begun.syncId} began before ${name} had succeeded`),
  );
}

function hadSucceeded({ audit }: World, hook: string, { syncId, at }: Begun): boolean {
  return audit.runs.some(
    (run) =>
      run.name === hook && run.syncId === syncId && run.outcome === 'succeeded' && (run.endedAt ?? Infinity) <= at,
  );
}

function isPassedOver(world: World, hook: string, { syncId }: Begun): boolean {
  return world.rootsOf(syncId).some((root) => isSkipped(root, hook));
}
