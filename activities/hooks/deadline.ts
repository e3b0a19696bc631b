import { hookVerdict } from '../../core/health/hook-verdict.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { LedgerEntry } from '../../core/record/record.ts';
import type { HookRun } from './hook-run.ts';

/** Tells when an attempt must have ended, ms since 1970, by its entry and by its object as it was seen. */
export type Deadline = (entry: LedgerEntry, live: KubernetesObject | undefined) => number;

/** How long it takes until an object that was released says when it began, ms. */
const BEGINNING_MS = 5_000;

/**
 * The deadline of a hook for a wait that begins now. It counts from the intent, or from the object's own beginning where that was
 * later: whoever was left behind may have released it long after its intent. A beginning that is still to come is told by a clock
 * that is ahead, and says nothing. One that tells of none yet may have been released just before this wait, whoever did that.
 */
export function deadlineFrom({ input, runtime }: HookRun): Deadline {
  const earliest = runtime.now() + BEGINNING_MS;
  return ({ intentAt }, live) => {
    const { deadlineMs } = input.hook;
    if (live === undefined) return intentAt + deadlineMs;
    const startedAt = Date.parse(hookVerdict(live).startedAt ?? '');
    if (Number.isNaN(startedAt)) return Math.max(intentAt + deadlineMs, earliest);
    return (startedAt > runtime.now() ? intentAt : Math.max(intentAt, startedAt)) + deadlineMs;
  };
}
