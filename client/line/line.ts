import { WorkflowNotFoundError } from '@temporalio/client';
import { queueIdOf } from '../../core/markers.ts';
import type { Joining, Line, Withdrawal } from '../../core/queue/line.ts';
import { isOpen } from '../../core/record/under-way.ts';
import { SYNC_QUEUE } from '../../core/sync/queues.ts';
import type { queueSyncs } from '../../workflows/index.ts';
import { attributesOfApplication } from '../../workflows/sync-description.ts';
import { describeRun } from '../connection/describe-run.ts';
import { lineOf } from './line-closure.ts';
import { indexedOrNot } from '../starting/start.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

/** Names an application by its cluster. */
export interface ApplicationNames {
  readonly application: string;
  readonly cluster: string;
}

/** A request that waits for its turn, as others see it; `since` in ms since 1970. */
export interface InLine {
  readonly syncId: string;
  readonly revision: string;
  readonly requestedBy: string;
  readonly ifRunning: 'queue' | 'supersede';
  readonly since: number;
}

/**
 * Puts a request into the line of its application, whose workflow is started where there is none. Temporal keeps it from then
 * on, with or without a worker. Answers what was noteworthy.
 */
export async function joinLine(temporal: Temporal, joining: Joining, signal: AbortSignal): Promise<readonly string[]> {
  const { cluster, application } = joining.request;
  return indexedOrNot(joining.request, async (request, warnings) => {
    const attributes = request.indexed ? { typedSearchAttributes: attributesOfApplication(cluster, application) } : {};
    await call(temporal, { signal }, () =>
      temporal.client.workflow.signalWithStart<typeof queueSyncs, [Joining]>('queueSyncs', {
        workflowId: queueIdOf(cluster, application),
        taskQueue: SYNC_QUEUE,
        args: [{ version: 1, cluster, application }],
        signal: 'join',
        signalArgs: [{ ...joining, request }],
        staticSummary: `${application} · requests that wait`,
        ...attributes,
      }),
    );
    return warnings;
  });
}

/** Takes a request out of the line, where it waits in it. */
export async function leaveLine(
  temporal: Temporal,
  { cluster, application }: ApplicationNames,
  withdrawal: Withdrawal,
  signal: AbortSignal,
): Promise<void> {
  const handle = temporal.client.workflow.getHandle(queueIdOf(cluster, application));
  try {
    await call(temporal, { signal, timeoutMs: 5_000 }, () => handle.signal('withdraw', withdrawal));
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** The latest line of an application, without those that were lost with its workflow; undefined where there was none, `unanswered` where no worker tells of it. */
export async function readLine(
  temporal: Temporal,
  names: ApplicationNames,
  signal: AbortSignal,
): Promise<Line | 'unanswered' | undefined> {
  const run = await latestRun(temporal, names, signal);
  return run && lineOf(temporal, run, signal);
}

/** The line that is open now; undefined where nobody waits, `unanswered` where no worker tells who does. */
export async function openLine(
  temporal: Temporal,
  names: ApplicationNames,
  signal: AbortSignal,
): Promise<Line | 'unanswered' | undefined> {
  const run = await latestRun(temporal, names, signal);
  return run !== undefined && isOpen(run.status) ? lineOf(temporal, run, signal) : undefined;
}

/** The latest run of an application's line, as Temporal describes it; undefined where there was none. */
function latestRun(temporal: Temporal, { cluster, application }: ApplicationNames, signal: AbortSignal) {
  return describeRun(temporal, { workflowId: queueIdOf(cluster, application) }, signal);
}

/** Who waits for an application's lock now. Nobody is asked where no line is open. */
export async function waitingFor(
  temporal: Temporal,
  names: ApplicationNames,
  signal: AbortSignal,
): Promise<readonly InLine[]> {
  return inLine(await openLine(temporal, names, signal));
}

/** The requests of a line as others see them; none where no worker tells of it. */
export function inLine(line: Line | 'unanswered' | undefined): readonly InLine[] {
  return waitingIn(line).map(({ request, ifRunning, since }) => {
    const { syncId, revision, requestedBy } = request;
    return { syncId, revision, requestedBy, ifRunning, since };
  });
}

/** The requests of a line as they were asked for; none where no worker tells of it. */
export function waitingIn(line: Line | 'unanswered' | undefined): Line['waiting'] {
  return line === undefined || line === 'unanswered' ? [] : line.waiting;
}
