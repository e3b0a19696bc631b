import { failure } from '../../core/failures.ts';
import type { ApprovalDecision } from '../../core/sync/approval.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Order } from '../../core/sync/resume-order.ts';
import { orderFrom, wordsOf } from '../../core/sync/resume-order.ts';
import { resume } from '../../core/sync/resumption.ts';
import type { SyncResult } from '../../core/sync/status.ts';
import type { SyncCommand } from './commands.ts';
import { sendCommand } from './commands.ts';
import { Conflict, NotFound } from '../errors.ts';
import type { Execution } from '../connection/first-event.ts';
import { readRequest } from '../connection/first-event.ts';
import type { Observer } from '../following/observation.ts';
import { startSync } from './start.ts';
import type { Temporal } from '../connection/temporal.ts';

/** An order to a sync that did not succeed. */
export type ResumeCommand = Extract<SyncCommand, { readonly name: 'retry' | 'skip' }>;

/** What resuming needs to know of the sync. */
export interface Resumable {
  readonly application: string;
  readonly execution: Execution;
  readonly observer: Observer;
}

/**
 * Lets a sync go on that did not succeed: tells it so while it holds, or starts a run that takes over the plan and the
 * results of one that has closed. Answers the run that goes on. Throws `InvalidRequest` where there is nothing to resume,
 * and `AlreadyRunning` when somebody else was faster.
 */
export async function resumeSync(
  temporal: Temporal,
  { application, execution, observer }: Resumable,
  command: ResumeCommand,
  signal: AbortSignal,
): Promise<Required<Execution>> {
  const view = await observer.look(signal);
  const { workflowId, runId } = view;
  if (view.result === undefined) {
    await sendCommand(temporal, application, execution, command, signal);
    return { workflowId, runId };
  }
  const before = await readRequest(temporal, { workflowId, runId }, signal);
  if (before === undefined) throw new NotFound(`there is no sync of ${application}`);
  const request = resumedRequest(before, view.result, orderOf(command), Date.now());
  const started = await startSync(temporal, request, signal);
  return { workflowId: started.workflowId, runId: started.runId };
}

function orderOf({ name, request }: ResumeCommand): Order {
  const order = orderFrom(name, request);
  if (typeof order === 'string') throw failure('InvalidRequest', order);
  return order;
}

/** The request of a run that goes on where a closed one stopped. `at` is ms since 1970. Throws `InvalidRequest`. */
export function resumedRequest(before: SyncRequest, result: SyncResult, order: Order, at: number): SyncRequest {
  const { application, plan, round = 1, interventions = [] } = result;
  if (plan === undefined) {
    throw new Conflict(`the sync of ${application} failed before it had a plan, so there is nothing to resume`, {
      remedy: 'correct what it says, then sync again',
    });
  }
  const resumed = resume(result.phases, order.resumption(at));
  if (resumed.kind === 'refused') throw new Conflict(`the sync of ${application} can't go on so: ${resumed.why}`);
  const { by, reason } = order;
  const intervention = { what: wordsOf(order), by, ...(reason === undefined ? {} : { reason }), at };
  return {
    ...before,
    requestedBy: by,
    requestedAt: at,
    resume: {
      plan,
      round: round + 1,
      remainder: { phases: resumed.phases, again: resumed.again, leftOut: resumed.leftOut },
      decisions: approvalsIn(result),
      interventions: [...interventions, intervention],
    },
  };
}

/** What was approved stays so: the plan is the same. */
function approvalsIn({ phases }: SyncResult): readonly ApprovalDecision[] {
  const decisions = phases.flatMap(({ waves }) => waves.flatMap(({ approval }) => approval?.decision ?? []));
  return decisions.filter(({ verdict }) => verdict === 'approved');
}
