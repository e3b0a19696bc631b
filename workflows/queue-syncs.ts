import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { DEFAULT_SUPERSEDE_MS } from '../core/deadlines.ts';
import { workflowIdOf } from '../core/markers.ts';
import type { Line, Waiting, Withdrawal } from '../core/queue/line.ts';
import { EMPTY_LINE, joined, started, withdrawn } from '../core/queue/line.ts';
import type { LineOwner } from '../core/queue/line-messages.ts';
import { joiningFrom, withdrawalFrom } from '../core/queue/line-messages.ts';
import type { QueueActivities } from './activities.ts';
import { LOCK_OPTIONS, LOOK_OPTIONS } from './activity-options.ts';
import { opened, signalAsSent } from './as-sent.ts';
import { lineTable } from './details.ts';
import { checkedOwner } from './input.ts';
import { DESCRIPTIONS, abortSignal, joinSignal, lineQuery, supersedeSignal, withdrawSignal } from './messages.ts';
import type { syncApplication } from './sync-application.ts';
import { attributesOfSync, describedSync } from './sync-description.ts';

/** What the workflow of a line is given. */
export interface QueueInput {
  readonly version: 1;
  readonly cluster: string;
  readonly application: string;
  /** The line as an earlier run of this workflow left it; absent at first. */
  readonly line?: Line;
}

/** How long to pause after a wait that has failed. */
const PAUSE = '5 seconds';

/** What somebody has asked of the line. */
interface Wish {
  readonly apply: (line: Line) => Line;
  readonly withdrawal?: Withdrawal;
}

/** The line of an application while its workflow runs. */
interface Queue {
  readonly lock: string;
  readonly head: () => Waiting | undefined;
  readonly change: (next: Line) => void;
  readonly line: () => Line;
  /** What was asked while the first in the line is being started, so that it is not known yet whether it still waits; undefined while none is. */
  postponed: Wish[] | undefined;
}

/**
 * Keeps the line of an application's requests that wait for its lock, and starts one after the other once the lock is free:
 * as children that outlive this workflow, whose ID is the lock. Ends when nobody waits.
 */
export async function queueSyncs(input: QueueInput): Promise<void> {
  const { cluster, application } = checkedOwner(input);
  let line = input.line ?? EMPTY_LINE;
  const queue: Queue = {
    lock: workflowIdOf(cluster, application),
    head: () => line.waiting[0],
    line: () => line,
    change: (next) => {
      line = next;
      setCurrentDetails(lineTable(line));
    },
    postponed: undefined,
  };
  setHandler(lineQuery, () => line);
  listen(queue, { cluster, application });
  for (let next = queue.head(); next !== undefined; next = queue.head()) {
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof queueSyncs>({ ...input, line });
    if (await wasServed(queue, next)) continue;
    // Somebody may have changed the line meanwhile.
    if (queue.head() !== next) continue;
    if (!(await start(queue, next))) await awaitTurn(queue);
  }
}

/**
 * Whether a named request was served before, by a line that has closed since or past the line. It then leaves the line with
 * the run that has served it.
 */
async function wasServed(queue: Queue, { named, request: { syncId } }: Waiting): Promise<boolean> {
  if (named !== true) return false;
  const { findServed } = proxyActivities<QueueActivities>({ ...LOOK_OPTIONS, summary: `was ${syncId} served before?` });
  const runId = await findServed({ workflowId: queue.lock, syncId });
  if (runId === undefined) return false;
  queue.change(started(queue.line(), syncId, runId));
  return true;
}

/** Messages come from anyone, Temporal's UI among them: what can't be one is left out, and the worker's log says why. */
function listen(queue: Queue, owner: LineOwner): void {
  const heed = (wish: Wish): void => {
    if (queue.postponed === undefined) queue.change(wish.apply(queue.line()));
    else queue.postponed.push(wish);
  };
  setHandler(signalAsSent(joinSignal), (sent: unknown) => {
    const joining = joiningFrom(opened(sent), owner);
    const at = Date.now();
    if (typeof joining === 'string') leaveOut('join', joining);
    else heed({ apply: (line) => joined(line, joining, at) });
  });
  const withdraw = (sent: unknown): void => {
    const withdrawal = withdrawalFrom(opened(sent));
    const at = Date.now();
    if (typeof withdrawal === 'string') leaveOut('withdraw', withdrawal);
    else heed({ withdrawal, apply: (line) => withdrawn(line, withdrawal, at) });
  };
  setHandler(signalAsSent(withdrawSignal), withdraw, { description: DESCRIPTIONS.withdraw });
}

function leaveOut(signal: string, why: string): void {
  log.warn('a signal to a line was left out', { signal, why });
}

/** Starts the sync of a request. False where the lock is held. Who is withdrawn too late for that is aborted. */
async function start(queue: Queue, waiting: Waiting): Promise<boolean> {
  queue.postponed = [];
  const runId = await startChildOf(queue, waiting);
  const { syncId } = waiting.request;
  const wishes = queue.postponed;
  queue.postponed = undefined;
  const line = runId === undefined ? queue.line() : started(queue.line(), syncId, runId);
  queue.change(wishes.reduce((known, { apply }) => apply(known), line));
  const late = wishes.find(({ withdrawal }) => withdrawal?.syncId === syncId)?.withdrawal;
  if (runId !== undefined && late !== undefined && patched('abort-when-withdrawn-late')) await abort(queue, late);
  return runId !== undefined;
}

/** The run of the sync that was started; undefined where the lock is held. */
async function startChildOf(queue: Queue, { request }: Waiting): Promise<string | undefined> {
  const isIndexed = request.indexed && workflowInfo().typedSearchAttributes.getAll().length > 0;
  try {
    const child = await startChild<typeof syncApplication>('syncApplication', {
      ...describedSync(request),
      workflowId: queue.lock,
      args: [isIndexed ? request : { ...request, indexed: false }],
      parentClosePolicy: 'ABANDON',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      ...(isIndexed ? { typedSearchAttributes: attributesOfSync(request) } : {}),
    });
    return child.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

async function abort({ lock }: Queue, { by, reason }: Withdrawal): Promise<void> {
  try {
    await getExternalWorkflowHandle(lock).signal(abortSignal, { by, ...(reason === undefined ? {} : { reason }) });
  } catch (error) {
    if (isCancellation(error)) throw error;
    // It is over already.
  }
}

/** Waits until the sync that holds the lock is over, or nobody waits any more; asks it to give way where the first in the line says so. */
async function awaitTurn(queue: Queue): Promise<void> {
  const waiting = new CancellationScope();
  let over = false;
  const isOver = () => over;
  const { awaitEnd } = proxyActivities<QueueActivities>({ ...LOCK_OPTIONS, summary: 'the sync that runs' });
  const ended = waiting
    .run(() => awaitEnd({ workflowId: queue.lock }))
    .catch(async (error: unknown) => {
      if (isCancellation(error)) return;
      // Whatever happens to the wait, nobody falls out of the line: the lock is tried again.
      log.warn('the wait for a sync to end has failed', { error });
      await sleep(PAUSE, { summary: 'before the lock is tried again' });
    })
    .finally(() => {
      over = true;
    });
  for (let next = queue.head(); !isOver() && next !== undefined; next = queue.head()) {
    const { syncId } = next.request;
    await askToGiveWay(queue, next);
    await condition(() => isOver() || queue.head()?.request.syncId !== syncId);
  }
  waiting.cancel();
  await ended;
}

async function askToGiveWay({ lock }: Queue, { request, ifRunning, withinMs, since }: Waiting): Promise<void> {
  if (ifRunning !== 'supersede') return;
  const { syncId, revision, requestedBy: by } = request;
  try {
    const asked = { syncId, revision, by, at: since, withinMs: withinMs ?? DEFAULT_SUPERSEDE_MS };
    await getExternalWorkflowHandle(lock).signal(supersedeSignal, asked);
  } catch (error) {
    if (isCancellation(error)) throw error;
    // It is over already.
  }
}

// A line may be open for weeks, and the next sync must not begin on the version that its line began on. A worker without a
// version may name no behaviour.
setWorkflowOptions(
  () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'AUTO_UPGRADE' } : {}),
  queueSyncs,
);
