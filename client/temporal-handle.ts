import { setTimeout as delay } from 'node:timers/promises';
import { workflowIdOf } from '../core/markers.ts';
import type { SyncResult } from '../core/sync/status.ts';
import type { SyncCommand } from './starting/commands.ts';
import { checkCommand, sendCommand } from './starting/commands.ts';
import type { Connections } from './connection/connections.ts';
import { Conflict, TemporalUnreachable } from './errors.ts';
import type { Execution } from './connection/first-event.ts';
import type { SyncHandle, WaitOptions } from './handle.ts';
import { hookEvents, hookEvidence, hookLog } from './reports/hook-reports.ts';
import type { AbortRequest } from '../workflows/messages.ts';
import type { ApplicationNames } from './line/line.ts';
import { leaveLine } from './line/line.ts';
import { listSyncs } from './listing/listing.ts';
import { hooksOfSync, planOfSync, resourcesOfSync } from './reports/object-reports.ts';
import type { Observer } from './following/observation.ts';
import { observerOf } from './following/observation.ts';
import type { ResumeCommand } from './starting/resume.ts';
import { resumeSync } from './starting/resume.ts';
import type { SyncById } from './following/sync-by-id.ts';
import type { Temporal } from './connection/temporal.ts';
import type { SyncView } from './following/view.ts';
import { isStopping } from './following/view.ts';
import { eventsAfter } from './following/watching.ts';

/** How long watching survives a Temporal that does not answer, ms. */
const PATIENCE_MS = 120_000;
const POLL_MS = 400;

/** How long the phases of a sync that was closed by force are given to stop their hooks before its end is told, ms. */
const STOPPING_MS = 30_000;

/** What a handle stands for. */
interface Subject {
  readonly observer: Observer;
  /** The run that commands go to. Throws `InvalidRequest` where there is none yet. */
  run(signal: AbortSignal): Promise<Execution>;
  /** Takes it out of the line. False where it does not wait in it. */
  withdraw(request: AbortRequest, signal: AbortSignal): Promise<boolean>;
}

/** Makes the handle of one run of a sync, or of the latest one. */
export function handleOf(
  connections: Connections,
  names: ApplicationNames,
  execution: Execution,
  warnings: readonly string[] = [],
): SyncHandle {
  const observer = observerOf(connections.temporal, names.application, execution);
  const subject: Subject = { observer, run: () => Promise.resolve(execution), withdraw: () => Promise.resolve(false) };
  return { ...verbsOf(connections, names, subject), ...execution, warnings };
}

/** Makes the handle of a sync by its ID, which may wait in the line. */
export function handleOfId(
  connections: Connections,
  names: ApplicationNames,
  sync: SyncById,
  warnings: readonly string[] = [],
): SyncHandle {
  const subject: Subject = {
    observer: sync,
    withdraw: (request, signal) => withdrawn(connections, names, sync, request, signal),
    run: async (signal) => (await sync.run(signal)) ?? Promise.reject(notBegun(sync.syncId)),
  };
  const { cluster, application } = names;
  return {
    ...verbsOf(connections, names, subject),
    workflowId: workflowIdOf(cluster, application),
    syncId: sync.syncId,
    warnings,
  };
}

function notBegun(syncId: string): Error {
  return new Conflict(`sync ${syncId} has not begun: it waits for its turn`, {
    remedy: 'take it out of the line with `syncline abort`, or wait',
  });
}

/** A request that has just been withdrawn is looked at again: it may have begun a moment before. */
async function withdrawn(
  connections: Connections,
  names: ApplicationNames,
  sync: SyncById,
  request: AbortRequest,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await sync.look(signal)).status.state !== 'queued') return false;
  await leaveLine(connections.temporal, names, { syncId: sync.syncId, ...request }, signal);
  const { state } = (await sync.look(signal)).status;
  return state === 'queued' || state === 'aborted';
}

type Verbs = Omit<SyncHandle, 'workflowId' | 'runId' | 'warnings'>;

function verbsOf(connections: Connections, names: ApplicationNames, subject: Subject): Verbs {
  const { temporal } = connections;
  const { application } = names;
  const { observer } = subject;
  const send = async (command: SyncCommand, { signal = never() }: WaitOptions) => {
    checkCommand(command);
    await sendCommand(temporal, application, await subject.run(signal), command, signal);
  };
  const resumed = async (command: ResumeCommand, { signal = never() }: WaitOptions) => {
    checkCommand(command);
    const execution = await subject.run(signal);
    const run = await resumeSync(temporal, { application, execution, observer }, command, signal);
    return handleOf(connections, names, run);
  };
  return {
    ...{ application, cluster: names.cluster },
    status: ({ signal = never() } = {}) => observer.look(signal),
    views: ({ signal = never() } = {}) => viewsOf(observer, signal),
    watch: ({ signal = never(), after, pollMs } = {}) =>
      eventsAfter(temporal, viewsOf(observer, signal, pollMs), after, signal),
    result: ({ signal = never() } = {}) => resultOf(temporal, subject, signal),
    ...reportsOf(connections, names, observer),
    retry: (request, options = {}) => resumed({ name: 'retry', request }, options),
    skip: (request, options = {}) => resumed({ name: 'skip', request }, options),
    abort: async (request, options = {}) => {
      checkCommand({ name: 'abort', request });
      const isWithdrawn = await subject.withdraw(request, options.signal ?? never());
      if (!isWithdrawn) await send({ name: 'abort', request }, options);
    },
    approve: (request, options = {}) => send({ name: 'approve', request }, options),
    reject: (request, options = {}) => send({ name: 'reject', request }, options),
  };
}

type Reports = Pick<SyncHandle, 'plan' | 'resources' | 'hooks' | 'logs' | 'events' | 'evidence' | 'history'>;

/** What can be read of a sync besides where it stands. */
function reportsOf(connections: Connections, { application, cluster }: ApplicationNames, observer: Observer): Reports {
  const look = ({ signal = never() }: WaitOptions) => observer.look(signal);
  return {
    plan: async (options = {}) => planOfSync(connections, (await look(options)).status, options.signal ?? never()),
    resources: async (options = {}) =>
      resourcesOfSync(connections, (await look(options)).status, options.signal ?? never()),
    hooks: async (options = {}) => hooksOfSync(connections, (await look(options)).status, options.signal ?? never()),
    logs: async (hook, options = {}) => hookLog(connections, await look(options), hook, options),
    events: async (hook, options = {}) => hookEvents(connections, await look(options), hook, options),
    evidence: async (hook, options = {}) => hookEvidence(connections, await look(options), hook, options),
    history: (options = {}) => listSyncs(connections.temporal, { ...options, application, cluster, newestOnly: false }),
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

async function* viewsOf(
  observer: Observer,
  signal: AbortSignal,
  pollMs = (): number => POLL_MS,
): AsyncGenerator<SyncView> {
  let answeredAt = Date.now();
  for (;;) {
    const view = await observer.look(signal).catch((error: unknown) => {
      if (!(error instanceof TemporalUnreachable) || Date.now() - answeredAt > PATIENCE_MS) throw error;
      return undefined;
    });
    if (view !== undefined) {
      answeredAt = Date.now();
      if (!isStopping(view) || wasStoppedLongAgo(view)) {
        yield view;
        if (view.result !== undefined) return;
      }
    }
    await delay(pollMs(), undefined, { signal });
  }
}

/** Phases whose workers are gone stop their hooks when there are workers again. */
function wasStoppedLongAgo({ result }: SyncView): boolean {
  return result !== undefined && Date.now() - result.finishedAt > STOPPING_MS;
}

async function resultOf(temporal: Temporal, subject: Subject, signal: AbortSignal): Promise<SyncResult> {
  const { observer } = subject;
  const execution = await subject.run(signal).catch(() => undefined);
  if (execution !== undefined) {
    const { workflowId, runId } = execution;
    const closed = () => temporal.client.workflow.getHandle(workflowId, runId, { followRuns: false }).result();
    // Temporal answers once the workflow closes, however; a wait that breaks off before is carried on by looking.
    await temporal.connection.withAbortSignal(signal, closed).catch(() => undefined);
  }
  signal.throwIfAborted();
  for await (const view of viewsOf(observer, signal)) if (view.result !== undefined) return view.result;
  throw new Error('the watching ended before the sync did');
}
