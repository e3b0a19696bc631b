import type { Failure } from '../../core/failures.ts';
import type { HookVerdict } from '../../core/health/hook-verdict.ts';
import { remedyFor } from '../../core/health/remedy.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef } from '../../core/objects.ts';
import type { LedgerEntry, Verdict } from '../../core/record/record.ts';
import { causeOfFailure } from './hook-problem.ts';
import type { HookRun } from './hook-run.ts';

/** How an attempt's wait ended, before it is written down. */
export interface Ending {
  readonly outcome: Verdict['outcome'];
  readonly at: number;
  readonly message: string;
  readonly failure?: Failure;
}

/** How a hook has ended by itself, by what is said of its object; undefined for one that still runs. */
export async function ownEnding(
  run: HookRun,
  entry: LedgerEntry,
  live: KubernetesObject,
  verdict: HookVerdict,
): Promise<Ending | undefined> {
  if (verdict.kind === 'failed') return failed(run, entry, live, verdict);
  if (verdict.kind !== 'succeeded') return undefined;
  return { outcome: 'succeeded', at: endOf(run, verdict), message: run.redact(verdict.message) };
}

/** Kubernetes cuts times to whole seconds, so the end was within the second that follows: now, where that is seen at once. */
function endOf(run: HookRun, verdict: HookVerdict): number {
  const finished = verdict.finishedAt === undefined ? NaN : Date.parse(verdict.finishedAt);
  const now = run.runtime.now();
  return Number.isNaN(finished) ? now : Math.min(now, finished + 999);
}

async function failed(run: HookRun, entry: LedgerEntry, live: KubernetesObject, verdict: HookVerdict): Promise<Ending> {
  const object = describeRef(run.refAt(entry.attempt));
  const known = verdict.reason === undefined || verdict.message.startsWith(verdict.reason);
  const reason = known ? verdict.message : `${verdict.reason}: ${verdict.message}`;
  const cause = await causeOfFailure(run, live, verdict.reason);
  const message = run.redact(cause === undefined ? reason : `${cause.message}; ${reason}`);
  const remedy = remedyFor({ reason: cause?.reason ?? verdict.reason ?? '' }, 'over');
  return {
    outcome: 'failed',
    at: endOf(run, verdict),
    message,
    failure: {
      type: 'HookFailed',
      object,
      message: `hook ${object} failed: ${message}`,
      ...(remedy === undefined ? {} : { remedy }),
    },
  };
}
