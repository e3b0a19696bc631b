import { phaseWorkflowIdOf } from '../../core/markers.ts';
import type { Position, TimelineEntry, TimelinePart, Told } from '../../core/sync/timeline.ts';
import { runningAfter, takenAfter } from '../../core/sync/timeline.ts';
import { describeRun } from '../connection/describe-run.ts';
import type { Execution } from '../connection/first-event.ts';
import { QUERY_MS, answerIn } from '../connection/queries.ts';
import type { Temporal } from '../connection/temporal.ts';
import type { SyncView } from './view.ts';

/** What a sync's timeline tells after a position; nothing where no worker answers. */
export async function readTimeline(
  temporal: Temporal,
  { workflowId, runId, status }: Pick<SyncView, 'workflowId' | 'runId' | 'status'>,
  position: Position,
  signal: AbortSignal,
): Promise<readonly Told[]> {
  const ask = (run: Execution, from: number) =>
    answerIn<TimelinePart>(temporal, run, 'timeline', QUERY_MS, signal, [from]);
  const read = (run: Execution, from: number) => wholePart((at) => ask(run, at), from);
  const part = await read({ workflowId, runId }, position.own);
  if (part === undefined) return [];
  const reading = takenAfter(position, part.entries);
  if (part.running === undefined) return reading.told;
  const phaseId = phaseWorkflowIdOf(status.cluster, status.application, part.running.phase);
  const phaseRun = await runOf(temporal, phaseId, { rootRun: runId, part }, signal);
  if (phaseRun === undefined) return reading.told;
  const running = await read(phaseRun, reading.runningFrom);
  return [...reading.told, ...runningAfter(reading, running?.entries ?? [])];
}

/** A part of a timeline that may be more than one answer holds; nothing where no worker answers, what was read where none does any more. */
async function wholePart(
  ask: (from: number) => Promise<TimelinePart | undefined>,
  from: number,
): Promise<TimelinePart | undefined> {
  const entries: TimelineEntry[] = [];
  for (let at = from; ;) {
    const part = await ask(at);
    if (part === undefined) return entries.length === 0 ? undefined : { entries };
    entries.push(...part.entries);
    // What runs is as new as the last entries.
    if (part.next === undefined) return { ...part, entries };
    at = part.next;
  }
}

/**
 * The run of the phase that runs. Its workflow ID is also that of earlier syncs' phases and of earlier rounds of this sync, so it must be a
 * child of this very run, begun since the phase has, and none whose entries the sync has taken in already.
 */
async function runOf(
  temporal: Temporal,
  workflowId: string,
  { rootRun, part }: { readonly rootRun: string; readonly part: TimelinePart },
  signal: AbortSignal,
): Promise<Execution | undefined> {
  const description = await describeRun(temporal, { workflowId }, signal);
  if (description === undefined) return undefined;
  const { runId, parentExecution, startTime } = description;
  const isOurs = parentExecution?.runId === rootRun && runId !== part.lastRun;
  return isOurs && startTime.getTime() >= (part.running?.since ?? 0) ? { workflowId, runId } : undefined;
}
