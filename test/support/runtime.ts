import type { Progress } from '../../core/sync/progress.ts';
import type { ActivityRuntime, StopCause } from '../../activities/runtime.ts';

/** An activity's runtime in a test: what it heartbeats is kept, and the test can stop it. */
export interface TestRuntime extends ActivityRuntime {
  readonly heartbeats: readonly Progress[];
  /** Aborts the runtime's signal for a cause. */
  stop(cause: StopCause): void;
}

/** Builds a runtime that runs until it is stopped; `now` defaults to the machine's clock. */
export function activityRuntime(
  overrides: Partial<Pick<ActivityRuntime, 'run' | 'scheduledAt' | 'attemptScheduledAt' | 'now' | 'predecessor'>> = {},
): TestRuntime {
  const controller = new AbortController();
  const heartbeats: Progress[] = [];
  let cause: StopCause | undefined;
  const now = overrides.now ?? (() => Date.now());
  return {
    run: overrides.run ?? 'run-1',
    signal: controller.signal,
    stopCause: () => cause,
    heartbeat: (progress) => heartbeats.push(progress),
    scheduledAt: overrides.scheduledAt ?? now(),
    attemptScheduledAt: overrides.attemptScheduledAt ?? overrides.scheduledAt ?? now(),
    now,
    ...(overrides.predecessor === undefined ? {} : { predecessor: overrides.predecessor }),
    heartbeats,
    stop(why) {
      cause = why;
      controller.abort(new DOMException(`stopped: ${why}`, 'AbortError'));
    },
  };
}
