import type { Interception } from '../fakes/interception.ts';

/** On which side of a call's effect something happens. */
export const SIDES = ['before', 'after'] as const;

/** Before the call took effect, or after it did and before its answer came. */
export type Side = (typeof SIDES)[number];

/** A moment of an attempt: its n-th call, from 1, and the side of its effect. */
export interface Moment {
  readonly call: number;
  readonly side: Side;
}

/** An attempt whose worker dies at a moment: every call from there on fails, without further effect. */
export function dying(moment: Moment): Interception {
  let calls = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Error('the worker died');
  };
  return {
    before() {
      if (dead) die();
      calls += 1;
      if (calls === moment.call && moment.side === 'before') die();
    },
    after() {
      if (calls === moment.call && moment.side === 'after') die();
    },
  };
}

/** An attempt that stands still at a moment until it is told to go on. */
export interface Pausing {
  readonly through: Interception;
  /** Resolves once the attempt stands still. */
  readonly paused: Promise<void>;
  readonly goOn: () => void;
}

/** Makes an interception that lets an attempt stand still at a moment. */
export function pausing(moment: Moment): Pausing {
  const reached = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  let calls = 0;
  const stand = async (side: Side) => {
    if (calls !== moment.call || side !== moment.side) return;
    reached.resolve(undefined);
    await released.promise;
  };
  return {
    paused: reached.promise,
    goOn: () => released.resolve(undefined),
    through: {
      before() {
        calls += 1;
        return stand('before');
      },
      after: () => stand('after'),
    },
  };
}

/** Counts the calls of an attempt that nothing disturbs, and answers every moment of it. */
export async function momentsOf(attempt: (through: Interception) => Promise<unknown>): Promise<readonly Moment[]> {
  let calls = 0;
  await attempt({ before: () => void (calls += 1) });
  return Array.from({ length: calls }, (_, index) => SIDES.map((side) => ({ call: index + 1, side }))).flat();
}
