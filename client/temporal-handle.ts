import { setTimeout as delay } from 'node:timers/promises';
import type { SyncResult } from '../core/sync/status.ts';
import type { SyncCommand } from './commands.ts';
import { sendCommand } from './commands.ts';
import type { Connections } from './connections.ts';
import { TemporalUnreachable } from './errors.ts';
import type { SyncEvent } from './events.ts';
import { changesBetween } from './events.ts';
import type { Execution } from './first-event.ts';
import type { SyncHandle, WaitOptions } from './handle.ts';
import { hookEvents, hookEvidence, hookLog } from './hook-reports.ts';
import { listSyncs } from './listing.ts';
import { hooksOfSync, planOfSync, resourcesOfSync } from './object-reports.ts';
import type { Observer } from './observation.ts';
import { observerOf } from './observation.ts';
import type { ResumeCommand } from './resume.ts';
import { resumeSync } from './resume.ts';
import type { Temporal } from './temporal.ts';
import type { SyncView } from './view.ts';

/** How long watching survives a Temporal that does not answer, ms. */
const PATIENCE_MS = 120_000;
const POLL_MS = 400;

/** Makes the handle of a sync that is looked at through Temporal. */
export function handleOf(
  connections: Connections,
  names: { readonly application: string; readonly cluster: string },
  execution: Execution,
  warnings: readonly string[] = [],
): SyncHandle {
  const { temporal } = connections;
  const observer = observerOf(temporal, names.application, execution);
  const send = (command: SyncCommand, { signal = never() }: WaitOptions) =>
    sendCommand(temporal, names.application, execution, command, signal);
  const resumed = async (command: ResumeCommand, { signal = never() }: WaitOptions) => {
    const { application } = names;
    const run = await resumeSync(temporal, { application, execution, observer }, command, signal);
    return handleOf(connections, names, run);
  };
  return {
    ...names,
    ...execution,
    warnings,
    status: ({ signal = never() } = {}) => observer.look(signal),
    views: ({ signal = never() } = {}) => viewsOf(observer, signal),
    watch: ({ signal = never() } = {}) => eventsOf(observer, signal),
    result: ({ signal = never() } = {}) => resultOf(temporal, execution, observer, signal),
    ...reportsOf(connections, names, observer),
    retry: (request, options = {}) => resumed({ name: 'retry', request }, options),
    skip: (request, options = {}) => resumed({ name: 'skip', request }, options),
    abort: (request, options = {}) => send({ name: 'abort', request }, options),
    approve: (request, options = {}) => send({ name: 'approve', request }, options),
    reject: (request, options = {}) => send({ name: 'reject', request }, options),
  };
}

type Reports = Pick<SyncHandle, 'plan' | 'resources' | 'hooks' | 'logs' | 'events' | 'evidence' | 'history'>;

/** What can be read of a sync besides where it stands. */
function reportsOf(
  connections: Connections,
  names: Pick<SyncHandle, 'application' | 'cluster'>,
  observer: Observer,
): Reports {
  const look = ({ signal = never() }: WaitOptions) => observer.look(signal);
  return {
    plan: async (options = {}) => planOfSync(connections, (await look(options)).status, options.signal ?? never()),
    resources: async (options = {}) =>
      resourcesOfSync(connections, (await look(options)).status, options.signal ?? never()),
    hooks: async (options = {}) => hooksOfSync(connections, (await look(options)).status, options.signal ?? never()),
    logs: async (hook, options = {}) => hookLog(connections, await look(options), hook, options),
    events: async (hook, options = {}) => hookEvents(connections, await look(options), hook, options),
    evidence: async (hook, options = {}) => hookEvidence(connections, await look(options), hook, options),
    history: (options = {}) => listSyncs(connections.temporal, { ...options, ...names, newestOnly: false }),
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

async function* viewsOf(observer: Observer, signal: AbortSignal): AsyncGenerator<SyncView> {
  let answeredAt = Date.now();
  for (;;) {
    const view = await observer.look(signal).catch((error: unknown) => {
      if (!(error instanceof TemporalUnreachable) || Date.now() - answeredAt > PATIENCE_MS) throw error;
      return undefined;
    });
    if (view !== undefined) {
      answeredAt = Date.now();
      yield view;
      if (view.result !== undefined) return;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

async function* eventsOf(observer: Observer, signal: AbortSignal): AsyncGenerator<SyncEvent> {
  let before: SyncView | undefined;
  for await (const view of viewsOf(observer, signal)) {
    yield* changesBetween(before, view);
    before = view;
  }
}

async function resultOf(
  temporal: Temporal,
  { workflowId, runId }: Execution,
  observer: Observer,
  signal: AbortSignal,
): Promise<SyncResult> {
  const closed = () => temporal.client.workflow.getHandle(workflowId, runId, { followRuns: false }).result();
  // Temporal answers once the workflow closes, however; a wait that breaks off before is carried on by looking.
  await temporal.connection.withAbortSignal(signal, closed).catch(() => undefined);
  signal.throwIfAborted();
  for await (const view of viewsOf(observer, signal)) if (view.result !== undefined) return view.result;
  throw new Error('the watching ended before the sync did');
}
