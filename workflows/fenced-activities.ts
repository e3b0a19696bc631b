import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  TimeoutFailure,
  isCancellation,
  patched,
  proxyActivities,
} from '@temporalio/workflow';
import type { Failure, FailureType } from '../core/failures.ts';
import { FAILURE_TYPES } from '../core/failures.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { ClaimInput, Failed, Fenced, SyncActivities, SyncScope } from './activities.ts';
import { WORK_OPTIONS, stopOptions } from './activity-options.ts';
import type { Settled } from './interpreter/effects.ts';

/** More claims than a sync can need: each follows a predecessor's late write. */
const MOST_CLAIMS = 10;

/** The first claim of a record raises its epoch to 1. */
const UNCLAIMED = 0;

/** Asks activities under the record's fence. */
export interface FencedActivities {
  /** Claims the record for this workflow run. */
  claim(): Promise<Failed | { readonly kind: 'claimed'; readonly number: number }>;
  /** From now on a record that can't be claimed soon is given up: the sync was stopped, and somebody waits for its end. */
  hasten(): void;
  /** Performs an activity, once the record is claimed; where it is in other hands it is claimed again and the activity repeated. */
  ask<Answer extends { readonly kind: string }>(
    call: (scope: SyncScope) => Promise<Answer | Fenced>,
  ): Promise<Settled<Answer> | Failed>;
}

/** Binds a workflow run to its record. */
export function fencedActivities(input: Omit<ClaimInput, 'renews'>): FencedActivities {
  let options = WORK_OPTIONS;
  let epoch = UNCLAIMED;

  async function claimOnce() {
    const { claimRecord } = proxyActivities<SyncActivities>({ ...options, summary: 'claim the record' });
    const answer = await attempt(() => claimRecord({ ...input, renews: epoch !== UNCLAIMED }));
    if (answer.kind === 'claimed') epoch = answer.epoch;
    return answer;
  }
  const claim = shared(claimOnce);
  return {
    claim,
    hasten: () => {
      options = stopOptions(input.request);
    },
    async ask<Answer extends { readonly kind: string }>(call: (scope: SyncScope) => Promise<Answer | Fenced>) {
      if (epoch === UNCLAIMED) {
        const claimed = await claim();
        if (claimed.kind === 'failed') return claimed;
      }
      for (let claims = 0; claims <= MOST_CLAIMS; claims += 1) {
        const asked = epoch;
        const answer = await attempt(() =>
          call({ request: input.request, plan: input.plan, rootRun: input.rootRun, epoch: asked }),
        );
        if (answer.kind !== 'fenced') return answer as Settled<Answer> | Failed;
        if (epoch !== asked) continue;
        const claimed = await claim();
        if (claimed.kind === 'failed') return claimed;
      }
      return contested(input.request);
    },
  };
}

/** Lets one claim serve all that ask for one at a time: hooks side by side may find the fence down at once. */
function shared<Answer>(claimOnce: () => Promise<Answer>): () => Promise<Answer> {
  let claiming: Promise<Answer> | undefined;
  const begin = () =>
    (claiming = claimOnce().finally(() => {
      claiming = undefined;
    }));
  return () =>
    claiming?.catch((error: unknown) => {
      if (!isCancellation(error) || !outlives()) throw error;
      return claiming ?? begin();
    }) ?? begin();
}

/** Whether whoever shared the claim of work that was cancelled is not cancelled with it: what cleans up after that work claims for itself. */
function outlives(): boolean {
  return !CancellationScope.current().consideredCancelled && patched('claim-beyond-cancelled-work');
}

/** Calls an activity and turns its failure into an answer; a cancellation passes through. */
export async function attempt<Answer>(call: () => Promise<Answer>): Promise<Answer | Failed> {
  try {
    return await call();
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (error instanceof ActivityFailure) return { kind: 'failed', failures: [failureOfActivity(error)] };
    throw error;
  }
}

function failureOfActivity(error: ActivityFailure): Failure {
  const { cause } = error;
  if (cause instanceof ApplicationFailure) {
    const type = FAILURE_TYPES.find((known): known is FailureType => known === cause.type) ?? 'ClusterUnavailable';
    return { type, message: cause.message };
  }
  const last = cause instanceof TimeoutFailure && cause.cause !== undefined ? `: ${cause.cause.message}` : '';
  return {
    type: 'ClusterUnavailable',
    message: `${error.activityType} could not be done in the time it has${last}`,
    remedy: 'see that a worker runs and reaches the cluster, then sync again',
  };
}

function contested({ application }: SyncRequest): Failed {
  const message = `the record of ${application} is claimed by somebody else, time and again`;
  return { kind: 'failed', failures: [{ type: 'Superseded', message }] };
}
