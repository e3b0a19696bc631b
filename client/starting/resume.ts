import { failure } from '../../core/failures.ts';
import { isOpen } from '../../core/record/under-way.ts';
import { readCommand } from '../../core/sync/command-check.ts';
import type { ApprovalDecision } from '../../core/sync/approval.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Order } from '../../core/sync/resume-order.ts';
import { orderIn, wordsOf } from '../../core/sync/resume-order.ts';
import { resume } from '../../core/sync/resumption.ts';
import type { SyncResult } from '../../core/sync/status.ts';
import type { SyncCommand } from './commands.ts';
import { sendCommand } from './commands.ts';
import { AlreadyRunning, Conflict, NotFound } from '../errors.ts';
import type { Execution } from '../connection/first-event.ts';
import { readRequest } from '../connection/first-event.ts';
import { describeRun } from '../connection/describe-run.ts';
import type { Observer } from '../following/observation.ts';
import { observerOf } from '../following/observation.ts';
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
  resumable: Resumable,
  command: ResumeCommand,
  signal: AbortSignal,
): Promise<Required<Execution>> {
  const { application, execution } = resumable;
  const view = await observerAnew(temporal, resumable).look(signal);
  const { workflowId, runId } = view;
  if (view.result === undefined) {
    await sendCommand(temporal, application, execution, command, signal);
    return { workflowId, runId };
  }
  const before = await readRequest(temporal, { workflowId, runId }, signal);
  if (before === undefined) throw new NotFound(`there is no sync of ${application}`);
  const request = resumedRequest(before, view.result, orderOf(command), Date.now());
  const check = () => checkLatest(temporal, before, { workflowId, runId }, signal);
  await check();
  const afterFailure = view.result.outcome !== 'Succeeded';
  const started = await startSync(temporal, request, signal, { afterFailure }).catch(async (error: unknown) => {
    // Who asks at the same moment may have had it go on, and come to its end.
    if (error instanceof AlreadyRunning) await check();
    throw error;
  });
  return { workflowId: started.workflowId, runId: started.runId };
}

/** A handle of whichever sync is the latest one remembers the end of one that another may have followed since. */
function observerAnew(temporal: Temporal, { application, execution, observer }: Resumable): Observer {
  return execution.runId === undefined ? observerOf(temporal, application, execution) : observer;
}

/** What has gone on, or was followed by another sync, is not to come back over it. Throws `Conflict`. */
async function checkLatest(
  temporal: Temporal,
  { application, syncId }: SyncRequest,
  { workflowId, runId }: Required<Execution>,
  signal: AbortSignal,
): Promise<void> {
  const latest = await describeRun(temporal, { workflowId }, signal);
  if (latest === undefined || latest.runId === runId || isOpen(latest.status)) return;
  const newer = await readRequest(temporal, latest, signal);
  const isSame = newer?.syncId === syncId;
  const what = isSame ? 'it has gone on already' : `sync ${newer?.syncId ?? latest.runId} came after it`;
  throw new Conflict(`sync ${syncId} of ${application} is not resumed here: ${what}`, {
    remedy: isSame
      ? `see how it ended with \`syncline status ${application}\``
      : `resume that one with \`syncline retry ${application}\`, or go back with \`syncline rollback ${application}\``,
  });
}

function orderOf({ name, request }: ResumeCommand): Order {
  const order = orderIn(name, readCommand(name, request), request.by);
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
