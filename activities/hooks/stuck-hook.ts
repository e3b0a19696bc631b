import { describeDuration } from '../../core/annotations/duration.ts';
import { remedyFor } from '../../core/health/remedy.ts';
import type { StandingProblem } from '../../core/health/stuck-pods.ts';
import { stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef } from '../../core/objects.ts';
import type { LedgerEntry } from '../../core/record/record.ts';
import { bestEffort } from '../best-effort.ts';
import { watchStuckPods } from '../stuck-watch.ts';
import type { Ending } from './ending.ts';
import type { HookRun } from './hook-run.ts';
import { podsOfHook } from './pods.ts';

/** Tells when a running hook has failed because its pod is stuck for good. */
export interface StuckHook {
  endingOf(entry: LedgerEntry, live: KubernetesObject): Promise<Ending | undefined>;
  /** What stands, for a heartbeat. */
  report(): { readonly standing?: readonly StandingProblem[] };
}

/** Follows the pods of a hook, where the sync has a grace period for stuck ones. Pods that may not be read are taken to be in order. */
export function stuckHook(run: HookRun): StuckHook {
  const graceMs = run.input.scope.request.options.stuckPodGraceMs;
  if (graceMs === undefined) return { endingOf: () => Promise.resolve(undefined), report: () => ({}) };
  const watch = watchStuckPods(run.runtime, graceMs);
  return {
    async endingOf(entry, live) {
      const pods = (await bestEffort(() => podsOfHook(run, live))) ?? [];
      const staying = pods.filter((pod) => stringAt(pod, 'metadata', 'deletionTimestamp') === undefined);
      watch.note(staying);
      const stuck = watch.stuckOf(staying);
      if (stuck === undefined) return undefined;
      const object = describeRef(run.refAt(entry.attempt));
      const pod = `its pod ${stuck.name} was stuck for ${describeDuration(stuck.forMs)}`;
      const message = run.redact(`was stopped because ${pod}: ${stuck.problem.message}`);
      const remedy = remedyFor(stuck.problem, 'over');
      return {
        outcome: 'failed',
        at: run.runtime.now(),
        message,
        failure: {
          type: 'HookStuck',
          object,
          message: `hook ${object} ${message}`,
          ...(remedy === undefined ? {} : { remedy }),
        },
      };
    },
    report: () => watch.report(),
  };
}
