import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { Failure } from '../core/failures.ts';
import type { Supersession } from '../core/sync/status.ts';
import type { HoldDesk } from './hold.ts';

/** Why a sync was stopped before its end. */
export type Interruption =
  | { readonly kind: 'aborted'; readonly by: string; readonly reason?: string }
  | { readonly kind: 'superseded'; readonly to: Supersession }
  | { readonly kind: 'timed-out'; readonly limitMs: number };

/** What work under an interruptible scope ended with. */
export type Ended<Value> =
  { readonly kind: 'completed'; readonly value: Value } | { readonly kind: 'interrupted'; readonly by: Interruption };

/** When the work must have ended: the limit as it was asked for, and what is left of it, ms. Time in which the work holds does not count. */
export interface Deadline {
  readonly limitMs: number;
  readonly leftMs: number;
  readonly holds: Pick<HoldDesk, 'heldMs' | 'over'>;
}

/** A scope of work that can be stopped by a person, by a deadline, or by a cancellation in Temporal. */
export interface InterruptibleScope {
  /** Stops the work; the first call counts. False where it was stopped or had ended already. */
  interrupt(by: Interruption): boolean;
  /** Whether its work has begun and has not ended. */
  isRunning(): boolean;
  /** Runs the work to its end or its interruption, whose clean-up it waits for. */
  run<Value>(work: () => Promise<Value>, deadline?: Deadline): Promise<Ended<Value>>;
}

/** Makes a scope for one piece of work; it is a part of the scope in which the work is run. */
export function interruptible(): InterruptibleScope {
  let scope: CancellationScope | undefined;
  let interruption: Interruption | undefined;
  let ended = false;
  const interrupt = (by: Interruption) => {
    if (interruption !== undefined || ended) return false;
    interruption = by;
    scope?.cancel();
    return true;
  };
  return {
    interrupt,
    isRunning: () => scope !== undefined && !ended,
    async run(work, deadline) {
      const own = new CancellationScope();
      scope = own;
      if (interruption !== undefined) own.cancel();
      try {
        const value = await own.run(async () => {
          if (deadline !== undefined) startTimer(deadline, interrupt);
          return work();
        });
        // A cancelled child cleans up and answers with a value: only the scope tells that the work was stopped.
        if (!own.consideredCancelled) return { kind: 'completed', value };
      } catch (error) {
        if (!isCancellation(error)) throw error;
      } finally {
        ended = true;
      }
      return { kind: 'interrupted', by: interruption ?? CANCELLED };
    },
  };
}

/** What a cancellation in Temporal stops a sync with. */
export const CANCELLED: Interruption = { kind: 'aborted', by: 'Temporal', reason: 'the workflow was cancelled' };

/** The deadline is a timer in the same scope, so that it goes with the work. */
function startTimer(deadline: Deadline, interrupt: (by: Interruption) => boolean): void {
  overdue(deadline).then(
    () => interrupt({ kind: 'timed-out', limitMs: deadline.limitMs }),
    (error: unknown) => {
      if (!isCancellation(error)) throw error;
    },
  );
}

/** Resolves when the work has used up its time. */
async function overdue({ leftMs, holds }: Deadline): Promise<void> {
  let counted = 0;
  for (let left = leftMs; ;) {
    await sleep(Math.max(1, left), { summary: 'deadline of the sync' });
    await holds.over();
    left = holds.heldMs() - counted;
    if (left <= 0) return;
    counted += left;
  }
}

/** An interruption as a failure of the sync. */
export function failureOfInterruption(application: string, by: Interruption): Failure {
  switch (by.kind) {
    case 'aborted': {
      const reason = by.reason === undefined ? '' : `: ${by.reason}`;
      return { type: 'Aborted', message: `the sync of ${application} was aborted by ${by.by}${reason}` };
    }
    case 'superseded': {
      const { revision, syncId, by: requester } = by.to;
      const message = `the sync of ${application} was superseded by revision ${revision} (sync ${syncId}) of ${requester}`;
      return { type: 'Superseded', message };
    }
    case 'timed-out': {
      const seconds = String(Math.round(by.limitMs / 1000));
      return {
        type: 'SyncTimedOut',
        message: `the sync of ${application} did not end within its ${seconds} s`,
        remedy: 'give it more time with --timeout, or see which step took so long',
      };
    }
  }
}
