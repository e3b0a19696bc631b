/**
 * Stands for `@temporalio/workflow` while workflow code runs in the simulator: the same names, over a model of a Temporal
 * server. Workflow code is loaded as it is; the module loader puts this in the package's place (see `modules.ts`).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ActivityFailure, CancelledFailure, ChildWorkflowFailure } from '@temporalio/common';
import type { ActivityOptions } from '@temporalio/workflow';
import { msToNumber } from '@temporalio/common/lib/time.js';

export {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TimeoutFailure,
} from '@temporalio/common';

/** Something a workflow asked for and waits for; resolved by an event of its history. */
export type Command =
  | { readonly kind: 'activity'; readonly type: string; readonly input: unknown; readonly options: ActivityOptions }
  | { readonly kind: 'child'; readonly type: string; readonly workflowId: string; readonly input: unknown }
  /** A child that outlives its parent: only its start is waited for. */
  | { readonly kind: 'start'; readonly type: string; readonly workflowId: string; readonly input: unknown }
  | { readonly kind: 'signal'; readonly workflowId: string; readonly name: string; readonly argument: unknown }
  /** A cancellation by ID, of whatever run is open. */
  | { readonly kind: 'cancel'; readonly workflowId: string }
  | { readonly kind: 'timer'; readonly ms: number };

/** What a run of a workflow asks of its server. */
export interface RunContext {
  readonly runId: string;
  /** The run that a reset made others of. */
  readonly firstExecutionRunId: string;
  readonly workflowId: string;
  readonly parent: { readonly workflowId: string } | undefined;
  readonly rootScope: CancellationScope;
  /** The workflow tasks that it has behind it. */
  readonly events: readonly unknown[];
  /** Schedules a command; `cancel` is called by the scope it was made in. */
  schedule(command: Command): { readonly result: Promise<unknown>; readonly cancel: () => void };
  /** Whether a change of workflow code counts: while a run goes through a history, where that knows of it. */
  patched(id: string): boolean;
  readonly handlers: Map<string, Handler>;
  /** Called with the name of a message whose handler was just registered. */
  registered: (name: string) => void;
  /** How many handlers of messages are at work. */
  handling: number;
  /** Each looks whether a condition holds, and answers whether that was waited for. */
  readonly conditions: Set<() => boolean>;
}

/** What a workflow has registered for a message or a query. */
export interface Handler {
  readonly handle: (argument: unknown) => unknown;
  readonly validate: ((argument: unknown) => void) | undefined;
}

interface Place {
  readonly run: RunContext;
  readonly scope: CancellationScope;
}

const places = new AsyncLocalStorage<Place>();

/** Runs workflow code as a run. */
export function asRun<T>(run: RunContext, code: () => T): T {
  return places.run({ run, scope: run.rootScope }, code);
}

function here(): Place {
  const place = places.getStore();
  if (place === undefined) throw new Error('workflow code ran outside of a workflow');
  return place;
}

/** As in the SDK: cancellation flows from parent to child, and a scope that is not cancellable shields what is in it. */
export class CancellationScope {
  readonly cancellable: boolean;
  readonly cancelRequested: Promise<never>;
  #requested = false;
  #reject: (error: Error) => void = () => undefined;

  constructor({ cancellable = true, parent }: { cancellable?: boolean; parent?: CancellationScope | null } = {}) {
    this.cancellable = cancellable;
    this.cancelRequested = new Promise((_, reject) => {
      this.#reject = (error) => {
        this.#requested = true;
        reject(error);
      };
    });
    this.cancelRequested.catch(() => undefined);
    const above = parent === undefined ? here().scope : parent;
    if (above === null || !above.cancellable) return;
    this.#requested = above.#requested;
    above.cancelRequested.catch((error: unknown) => this.#reject(error as Error));
  }

  get consideredCancelled(): boolean {
    return this.#requested && this.cancellable;
  }

  async run<T>(code: () => Promise<T>): Promise<T> {
    return places.run({ run: here().run, scope: this }, code);
  }

  cancel(): void {
    this.#reject(new CancelledFailure('Cancellation scope cancelled'));
  }

  static current(): CancellationScope {
    return here().scope;
  }

  static cancellable<T>(code: () => Promise<T>): Promise<T> {
    return new CancellationScope().run(code);
  }

  static nonCancellable<T>(code: () => Promise<T>): Promise<T> {
    return new CancellationScope({ cancellable: false }).run(code);
  }
}

/** The scope that a run begins in. */
export function rootScope(): CancellationScope {
  return new CancellationScope({ parent: null });
}

export function isCancellation(error: unknown): boolean {
  if (error instanceof CancelledFailure) return true;
  const wraps = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return wraps && error.cause instanceof CancelledFailure;
}

async function perform(command: Command): Promise<unknown> {
  const { run, scope } = here();
  if (scope.consideredCancelled) throw new CancelledFailure(`${command.kind} cancelled before it was scheduled`);
  const { result, cancel } = run.schedule(command);
  if (scope.cancellable) scope.cancelRequested.catch(cancel);
  return result;
}

// As in the SDK, the caller says which activities there are.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function proxyActivities<Activities>(options: ActivityOptions): Activities {
  return new Proxy(
    {},
    {
      get: (_, type) => (input: unknown) => perform({ kind: 'activity', type: String(type), input, options }),
    },
  ) as Activities;
}

export function executeChild(
  type: string,
  { workflowId, args }: { workflowId: string; args: readonly [unknown] },
): Promise<unknown> {
  return perform({ kind: 'child', type, workflowId, input: args[0] });
}

export async function startChild(
  type: string,
  { workflowId, args }: { workflowId: string; args: readonly [unknown] },
): Promise<{ readonly firstExecutionRunId: string }> {
  const runId = await perform({ kind: 'start', type, workflowId, input: args[0] });
  return { firstExecutionRunId: String(runId) };
}

/** Thrown by a workflow that goes on as a new run. */
export class ContinueAsNew extends Error {
  readonly input: unknown;

  constructor(input: unknown) {
    super('continued as new');
    this.name = 'ContinueAsNew';
    this.input = input;
  }
}

export function continueAsNew(input: unknown): never {
  throw new ContinueAsNew(input);
}

/** No schedule asks for a rollback, the one thing that needs an ID of its own. */
export function uuid4(): never {
  throw new Error('no schedule makes an ID of its own');
}

export async function sleep(duration: string | number): Promise<void> {
  await perform({ kind: 'timer', ms: typeof duration === 'number' ? duration : msToNumber(duration) });
}

export function getExternalWorkflowHandle(workflowId: string): {
  signal(definition: { readonly name: string }, argument: unknown): Promise<unknown>;
  cancel(): Promise<unknown>;
} {
  return {
    signal: ({ name }, argument) => perform({ kind: 'signal', workflowId, name, argument }),
    cancel: () => perform({ kind: 'cancel', workflowId }),
  };
}

export async function condition(holds: () => boolean, timeout?: string | number): Promise<boolean> {
  const place = here();
  const { run, scope } = place;
  if (holds()) return true;
  if (scope.consideredCancelled) throw new CancelledFailure('Cancellation scope cancelled');
  let stop: () => void = () => undefined;
  const met = new Promise<boolean>((resolve, reject) => {
    const look = (): boolean => {
      const isMet = places.run(place, holds);
      if (isMet) {
        run.conditions.delete(look);
        resolve(true);
      }
      return isMet;
    };
    run.conditions.add(look);
    stop = () => void run.conditions.delete(look);
    if (scope.cancellable) scope.cancelRequested.catch(reject);
  });
  if (timeout === undefined) return met.finally(stop);
  const timing = new CancellationScope();
  const late = timing
    .run(() => sleep(timeout))
    .then(
      () => false,
      () => met,
    );
  return Promise.race([met, late]).finally(() => {
    stop();
    timing.cancel();
  });
}

export const allHandlersFinished = (): boolean => here().run.handling === 0;

export function setHandler(
  definition: { readonly name: string },
  handle: Handler['handle'],
  { validator: validate }: { readonly validator?: Handler['validate'] } = {},
): void {
  const { run } = here();
  run.handlers.set(definition.name, { handle, validate });
  run.registered(definition.name);
}

/** A query and an update, or a signal and an update, may have one name. */
const define = (name: string): { readonly name: string } => ({ name });
const defineUpdate = (name: string): { readonly name: string } => ({ name: `update ${name}` });
export { define as defineQuery, define as defineSignal, defineUpdate };

/** How many workflow tasks a run may have behind it until it is suggested that it goes on anew: few, so that it does. */
const LONG_HISTORY = 6;

export function workflowInfo() {
  const { runId, firstExecutionRunId, workflowId, parent, events } = here().run;
  return {
    ...{ runId, firstExecutionRunId, workflowId, parent },
    continueAsNewSuggested: events.length > LONG_HISTORY,
    typedSearchAttributes: { getAll: () => [] },
  };
}

export function setCurrentDetails(): void {
  // Shown to people alone.
}

export {
  setCurrentDetails as upsertSearchAttributes,
  /** Which version of a worker a workflow goes on with: there is one here. */
  setCurrentDetails as setWorkflowOptions,
};

export const log = { info: setCurrentDetails, warn: setCurrentDetails, error: setCurrentDetails };

export const patched = (id: string): boolean => here().run.patched(id);
