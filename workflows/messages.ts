import type { Joining, Line, Withdrawal } from '../core/queue/line.ts';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ApprovalDecision, DecisionRequest, GateReached } from '../core/sync/approval.ts';
import { SHAPES } from '../core/sync/command-shapes.ts';
import type { RetryRequest, SkipRequest } from '../core/sync/resume-order.ts';
import type { PhaseStatus, Supersession, SyncStatus } from '../core/sync/status.ts';
import type { TimelinePart } from '../core/sync/timeline.ts';

/** Who asks for an abort, and why. */
export interface AbortRequest {
  readonly by: string;
  readonly reason?: string;
}

/** The answer to an accepted command. */
export interface Accepted {
  readonly accepted: true;
}

/** What Temporal's UI says of a command, where one chooses it, and what it takes. */
export const DESCRIPTIONS = {
  abort: `Stop the sync; running hooks are stopped, evidence first. ${SHAPES.abort.example}`,
  approve: `Let a sync go on that waits for an approval. ${SHAPES.approve.example}`,
  reject: `End a sync that waits for an approval. ${SHAPES.reject.example}`,
  retry: `Let a failed sync that holds go on at the failed step. ${SHAPES.retry.example}`,
  skip: `Let a failed sync that holds go on without a step. ${SHAPES.skip.example}`,
  supersede: `Let a running sync end at its next safe point. ${SHAPES.supersede.example}`,
  withdraw: `Take a request out of the line. ${SHAPES.withdraw.example}`,
} as const;

/** Where the sync stands. */
export const statusQuery = defineQuery<SyncStatus>('status');

/** Where a phase stands; asked of the phase's own workflow. */
export const phaseStatusQuery = defineQuery<PhaseStatus>('status');

/** What has happened so far, from an index on; asked of the sync, and of a phase's own workflow. */
export const timelineQuery = defineQuery<TimelinePart, [number?]>('timeline');

/** Stops the sync: running hooks are stopped, evidence first. */
export const abortUpdate = defineUpdate<Accepted, [AbortRequest]>('abort');

/** The same as the update, for those who can only signal. */
export const abortSignal = defineSignal<[AbortRequest?]>('abort');

/** Lets a sync go on that waits for an approval. */
export const approveUpdate = defineUpdate<Accepted, [DecisionRequest]>('approve');

/** The same as the update, for those who can only signal. */
export const approveSignal = defineSignal<[DecisionRequest?]>('approve');

/** Ends a sync that waits for an approval. */
export const rejectUpdate = defineUpdate<Accepted, [DecisionRequest]>('reject');

/** The same as the update, for those who can only signal. */
export const rejectSignal = defineSignal<[DecisionRequest?]>('reject');

/** From a phase to its root: a gate waits. */
export const gateReachedSignal = defineSignal<[GateReached]>('gateReached');

/** From the root to a phase: what was decided on a gate. */
export const decidedSignal = defineSignal<[ApprovalDecision]>('decided');

/** Lets a sync go on that has failed and holds. */
export const retryUpdate = defineUpdate<Accepted, [RetryRequest]>('retry');

/** The same as the update, for those who can only signal. */
export const retrySignal = defineSignal<[RetryRequest?]>('retry');

/** Lets a sync go on that has failed and holds, with one step passed over. */
export const skipUpdate = defineUpdate<Accepted, [SkipRequest]>('skip');

/** The same as the update, for those who can only signal. */
export const skipSignal = defineSignal<[SkipRequest?]>('skip');

/** From the line to the sync that runs: a newer one wants its turn. */
export const supersedeSignal = defineSignal<[Supersession?]>('supersede');

/** From the root to a phase: end at the next safe point. */
export const endSoonSignal = defineSignal('endSoon');

/** To the line: one more request. */
export const joinSignal = defineSignal<[Partial<Joining>?]>('join');

/** To the line: a request is not wanted any more. */
export const withdrawSignal = defineSignal<[Partial<Withdrawal>?]>('withdraw');

/** Who waits in the line, and what became of those that did. */
export const lineQuery = defineQuery<Line>('line');
