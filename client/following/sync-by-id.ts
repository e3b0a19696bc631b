import { queueIdOf, workflowIdOf } from '../../core/markers.ts';
import type { Departed, Line } from '../../core/queue/line.ts';
import { departedId } from '../../core/queue/line.ts';
import { resultInLine, statusInLine } from '../../core/queue/standing.ts';
import { isOpen } from '../../core/record/under-way.ts';
import { initialStatus } from '../../core/sync/initial-status.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Queued } from '../../core/sync/status.ts';
import { describeRun } from '../connection/describe-run.ts';
import { NotFound, TemporalUnreachable } from '../errors.ts';
import type { Execution } from '../connection/first-event.ts';
import type { ApplicationNames } from '../line/line.ts';
import { lineOf, linesClosedByForce } from '../line/line-closure.ts';
import { readLine } from '../line/line.ts';
import type { Observer } from './observation.ts';
import { observerOf } from './observation.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';
import type { SyncView } from './view.ts';

/** One sync, wherever it stands: in the line, running, or over. */
export interface SyncById extends Observer {
  readonly syncId: string;
  /** As `look`, but undefined where nobody knows it. Throws `TemporalUnreachable` where no worker tells who is in line. */
  find(signal: AbortSignal): Promise<SyncView | undefined>;
  /** Its run; undefined while it waits, or where it left the line without one. */
  run(signal: AbortSignal): Promise<Required<Execution> | undefined>;
}

/** Temporal's lists may be a moment behind: a sync that is known nowhere is looked for this long, ms. */
const LAG_MS = 5_000;

/** Finds a sync by its ID, and follows it out of the line. `request` is what it asks for, where that is known. */
export function syncById(temporal: Temporal, names: ApplicationNames, syncId: string, request?: SyncRequest): SyncById {
  let run: (Observer & { readonly at: Required<Execution> }) | undefined;
  let missingSince: number | undefined;
  const seek = async (signal: AbortSignal): Promise<SyncView | 'unanswered' | undefined> => {
    if (run !== undefined) return run.look(signal);
    const standing = await standingOf(temporal, names, syncId, signal);
    if (standing === undefined || standing === 'unanswered' || 'status' in standing) return standing;
    run = { ...observerOf(temporal, names.application, standing), at: standing };
    return run.look(signal);
  };
  const find = async (signal: AbortSignal): Promise<SyncView | undefined> => {
    const view = await seek(signal);
    if (view === 'unanswered') throw unansweredLine(names, syncId);
    return view;
  };
  return {
    syncId,
    find,
    async look(signal) {
      const view = request === undefined ? await find(signal) : await seek(signal);
      if (typeof view === 'object') return view;
      missingSince = view === 'unanswered' ? undefined : (missingSince ?? Date.now());
      const isMissing = missingSince !== undefined && Date.now() - missingSince > LAG_MS;
      if (request === undefined || isMissing) throw unknownSync(names.application, syncId);
      const status = { ...initialStatus(request, request.requestedAt), state: 'queued' as const };
      return { ...inQueue(names), status, stale: true };
    },
    run: async (signal) => {
      if (run === undefined) await find(signal);
      return run?.at;
    },
  };
}

/** The run of a sync, or its view while it has none; `unanswered` where no worker tells who is in line, undefined where nobody knows it. */
async function standingOf(
  temporal: Temporal,
  names: ApplicationNames,
  syncId: string,
  signal: AbortSignal,
): Promise<Required<Execution> | SyncView | 'unanswered' | undefined> {
  const latest = await latestRun(temporal, names, signal);
  if (latest?.syncId === syncId) return latest.at;
  const line = await readLine(temporal, names, signal);
  if (line === 'unanswered') return (await listedRun(temporal, names, syncId, signal)) ?? line;
  const status = line && statusInLine(line, syncId, latest?.isOpen === true ? latest.behind : undefined);
  if (status !== undefined) return { ...inQueue(names), status };
  const departed =
    departureOf(line, syncId) ??
    (await listedRun(temporal, names, syncId, signal)) ??
    (await lostDeparture(temporal, names, syncId, signal));
  if (departed === undefined || 'workflowId' in departed) return departed;
  if (departed.kind === 'started') {
    return { workflowId: workflowIdOf(names.cluster, names.application), runId: departed.runId };
  }
  const result = resultInLine(departed);
  return { ...inQueue(names), status: result, result };
}

function departureOf(line: Line | 'unanswered' | undefined, syncId: string): Departed | undefined {
  if (line === undefined || line === 'unanswered') return undefined;
  return line.departed.find((each) => departedId(each) === syncId);
}

/** How a request was lost with a line that another one has followed. */
async function lostDeparture(
  temporal: Temporal,
  { cluster, application }: ApplicationNames,
  syncId: string,
  signal: AbortSignal,
): Promise<Departed | undefined> {
  const runs = await linesClosedByForce(temporal, queueIdOf(cluster, application), signal);
  const lines = await Promise.all(runs.map((run) => lineOf(temporal, run, signal)));
  return lines.flatMap((line) => departureOf(line, syncId) ?? [])[0];
}

function inQueue({ cluster, application }: ApplicationNames): Omit<SyncView, 'status'> {
  return { workflowId: queueIdOf(cluster, application), runId: '', work: [], waiting: [], stale: false };
}

function unknownSync(application: string, syncId: string) {
  return new NotFound(`there is no sync ${syncId} of ${application}`, {
    remedy: 'see `syncline list --all`',
  });
}

function unansweredLine({ cluster, application }: ApplicationNames, syncId: string) {
  return new TemporalUnreachable(
    `no worker tells whether sync ${syncId} of ${application} waits for its turn in cluster ${cluster}`,
    'start a worker: syncline worker',
  );
}

interface LatestRun {
  readonly at: Required<Execution>;
  readonly syncId: string;
  readonly isOpen: boolean;
  readonly behind: NonNullable<Queued['behind']>;
}

/** The latest run under an application's lock, with what its memo says. */
async function latestRun(
  temporal: Temporal,
  { cluster, application }: ApplicationNames,
  signal: AbortSignal,
): Promise<LatestRun | undefined> {
  const workflowId = workflowIdOf(cluster, application);
  const description = await describeRun(temporal, { workflowId }, signal);
  if (description === undefined) return undefined;
  const { memo, runId, status } = description;
  const told = (name: string) => textIn(memo, name);
  const behind = { syncId: told('syncId'), revision: told('revision'), requestedBy: told('requestedBy') };
  return { at: { workflowId, runId }, syncId: behind.syncId, isOpen: isOpen(status), behind };
}

/** The latest run of a sync among those of its application that Temporal still lists. */
async function listedRun(
  temporal: Temporal,
  { cluster, application }: ApplicationNames,
  syncId: string,
  signal: AbortSignal,
): Promise<Required<Execution> | undefined> {
  const workflowId = workflowIdOf(cluster, application);
  return call(temporal, { signal, timeoutMs: 10_000 }, async () => {
    const runs = temporal.client.workflow.list({ query: `WorkflowId = '${workflowId}'`, pageSize: 200 });
    for await (const { memo, runId } of runs) if (textIn(memo, 'syncId') === syncId) return { workflowId, runId };
    return undefined;
  });
}

function textIn(memo: Readonly<Record<string, unknown>> | undefined, name: string): string {
  const value = memo?.[name];
  return typeof value === 'string' ? value : '';
}
