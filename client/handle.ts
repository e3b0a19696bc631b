import { setTimeout as delay } from 'node:timers/promises';
import type { DecisionRequest } from '../core/sync/approval.ts';
import type { RetryRequest, SkipRequest } from '../core/sync/resume-order.ts';
import type { SyncResult } from '../core/sync/status.ts';
import type { AbortRequest } from '../workflows/messages.ts';
import type { SyncCommand } from './commands.ts';
import { sendCommand } from './commands.ts';
import { TemporalUnreachable } from './errors.ts';
import type { SyncEvent } from './events.ts';
import { changesBetween } from './events.ts';
import type { Execution } from './first-event.ts';
import type { Observer } from './observation.ts';
import { observerOf } from './observation.ts';
import type { ResumeCommand } from './resume.ts';
import { resumeSync } from './resume.ts';
import type { Temporal } from './temporal.ts';
import type { SyncView } from './view.ts';

/** How long watching survives a Temporal that does not answer, ms. */
const PATIENCE_MS = 120_000;
const POLL_MS = 400;

/** What every wait takes. */
export interface WaitOptions {
  /** Ends the waiting, never the sync. */
  readonly signal?: AbortSignal;
}

/** One sync: to look at, to wait for, to abort. */
export interface SyncHandle {
  readonly application: string;
  readonly cluster: string;
  readonly workflowId: string;
  /** Present where one run is meant rather than the latest. */
  readonly runId?: string;
  /** What was noteworthy at its start. */
  readonly warnings: readonly string[];
  /** Where it stands. Throws `InvalidRequest` where there is no such sync. */
  status(options?: WaitOptions): Promise<SyncView>;
  /** Where it stands, again and again until it is over; the last one has the result. Outlives a Temporal that is away for up to 2 minutes. */
  views(options?: WaitOptions): AsyncIterable<SyncView>;
  /** What happens to it, until it is over. */
  watch(options?: WaitOptions): AsyncIterable<SyncEvent>;
  /** How it ended, once it has. A sync that failed is a result too, not an error. */
  result(options?: WaitOptions): Promise<SyncResult>;
  /** Stops it: running hooks are stopped, after their logs are kept. Resolves once that is accepted. Throws `InvalidRequest` when none runs. */
  abort(request: AbortRequest, options?: WaitOptions): Promise<void>;
  /**
   * Lets it go on after a failure, with the same plan: at the failed step, from a place on, with one step alone, or from the
   * beginning. Works while it holds and after it has closed; answers the handle of the run that goes on. Throws
   * `InvalidRequest` where it can't go on so, and `AlreadyRunning`.
   */
  retry(request: RetryRequest, options?: WaitOptions): Promise<SyncHandle>;
  /** The same with one step passed over, which its status records. */
  skip(request: SkipRequest, options?: WaitOptions): Promise<SyncHandle>;
  /** Lets it go on that waits for an approval. Resolves once that is accepted. Throws `InvalidRequest`, in the sync's words, where nothing waits, another plan is meant, or somebody else was first. */
  approve(request: DecisionRequest, options?: WaitOptions): Promise<void>;
  /** Ends it that waits for an approval, with a reason. Resolves and throws as `approve` does. */
  reject(request: DecisionRequest & { readonly reason: string }, options?: WaitOptions): Promise<void>;
}

/** Makes the handle of a sync. */
export function handleOf(
  temporal: Temporal,
  names: { readonly application: string; readonly cluster: string },
  execution: Execution,
  warnings: readonly string[] = [],
): SyncHandle {
  const observer = observerOf(temporal, names.application, execution);
  const send = (command: SyncCommand, { signal = never() }: WaitOptions) =>
    sendCommand(temporal, names.application, execution, command, signal);
  const resumed = async (command: ResumeCommand, { signal = never() }: WaitOptions) => {
    const { application } = names;
    const run = await resumeSync(temporal, { application, execution, observer }, command, signal);
    return handleOf(temporal, names, run);
  };
  return {
    ...names,
    ...execution,
    warnings,
    status: ({ signal = never() } = {}) => observer.look(signal),
    views: ({ signal = never() } = {}) => viewsOf(observer, signal),
    watch: ({ signal = never() } = {}) => eventsOf(observer, signal),
    result: ({ signal = never() } = {}) => resultOf(temporal, execution, observer, signal),
    retry: (request, options = {}) => resumed({ name: 'retry', request }, options),
    skip: (request, options = {}) => resumed({ name: 'skip', request }, options),
    abort: (request, options = {}) => send({ name: 'abort', request }, options),
    approve: (request, options = {}) => send({ name: 'approve', request }, options),
    reject: (request, options = {}) => send({ name: 'reject', request }, options),
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
