import { CancellationScope, isCancellation, patched, setHandler } from '@temporalio/workflow';
import { signalAsSent } from './as-sent.ts';
import { EndedEarly } from './interpreter/safe-point.ts';
import { endSoonSignal } from './messages.ts';

/** A phase's side of the wish that it ends at its next safe point. */
export interface SafePoints {
  readonly isEnding: () => boolean;
  /** Performs a wait that may be left at once: throws `EndedEarly` where the phase is to end, or is told so meanwhile. */
  leavable<Value>(wait: () => Promise<Value>): Promise<Value>;
  /** Work as it is, but that it throws `EndedEarly` where the phase is told to end before it was called first: a claim that comes before it may take its time. */
  unlessEnding<Input, Value>(work: (input: Input) => Promise<Value>): (input: Input) => Promise<Value>;
}

/** Listens for the wish of the phase's root; `isToEnd`: it was there when the phase began. */
export function listenForSafePoints(isToEnd = false): SafePoints {
  const waits = new CancellationScope();
  let ending = isToEnd;
  const isEnding = () => ending;
  setHandler(signalAsSent(endSoonSignal), () => {
    ending = true;
    waits.cancel();
  });
  return {
    isEnding,
    async leavable(wait) {
      if (isEnding()) throw new EndedEarly();
      try {
        return await waits.run(wait);
      } catch (error) {
        const isLeft = isEnding() && isCancellation(error) && !CancellationScope.current().consideredCancelled;
        throw isLeft ? new EndedEarly() : error;
      }
    },
    unlessEnding(work) {
      let hasBegun = false;
      return async (input) => {
        if (!hasBegun && isEnding() && patched('nothing-begins-when-ending')) throw new EndedEarly();
        hasBegun = true;
        return work(input);
      };
    },
  };
}
