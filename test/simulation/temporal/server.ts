import { ApplicationFailure, CancelledFailure, ChildWorkflowFailure, TerminatedFailure } from '@temporalio/common';
import type { Process, Scheduler } from '../engine/scheduler.ts';
import { currentProcess, processOf } from '../engine/scheduler.ts';
import type { Activity, ActivityPool } from './activities.ts';
import type { Command, RunContext } from './workflow-api.ts';
import { asRun, rootScope } from './workflow-api.ts';

/** How something that a workflow waited for came out. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: Error };

/** What a history keeps: what was resolved, in which order. */
interface Event {
  readonly seq: number;
  readonly outcome: Outcome;
  /** Whether a run that is reset to here would have no child that is under way. */
  readonly resettable: boolean;
}

/** A run of a workflow. */
export interface Run extends RunContext {
  readonly type: string;
  readonly input: unknown;
  readonly process: Process;
  readonly parent: { readonly run: Run; readonly seq: number } | undefined;
  readonly events: Event[];
  status: 'open' | 'completed' | 'failed' | 'terminated';
  result: unknown;
  /** Whether it was told to stop: an abort, a cancel, or the end of its parent. */
  told: boolean;
}

/** One Temporal: workflow IDs are locks in it, and it knows nothing of any other. */
export interface TemporalServer {
  readonly id: string;
  readonly runs: readonly Run[];
  openRun(workflowId: string): Run | undefined;
  /** Starts a workflow; undefined where one with its ID is open. */
  start(type: string, workflowId: string, input: unknown): Run | undefined;
  cancel(run: Run): void;
  terminate(run: Run): void;
  /** Calls a handler, as a signal or an update does. */
  signal(run: Run, name: string, argument: unknown): void;
  /** Ends a run and lets a new one go on from its first events. */
  reset(run: Run, kept: number): Run;
  /** Numbers of events that a run may be reset to. */
  resetPoints(run: Run): readonly number[];
}

/** What a server works with. */
export interface ServerWorld {
  readonly scheduler: Scheduler;
  readonly pool: ActivityPool;
  /** Workflow functions by type. */
  readonly workflows: Readonly<Record<string, (input: never) => Promise<unknown>>>;
  /** Workflow code threw what no workflow may throw: Temporal would try its task again for ever. */
  taskFailed(run: Run, error: unknown): void;
}

interface Pending {
  readonly command: Command;
  readonly settle: (outcome: Outcome) => void;
  activity?: Activity;
  child?: Run;
  dispatched: boolean;
}

/** Makes a server without workflows. */
export function temporalServer(id: string, world: ServerWorld): TemporalServer {
  const { scheduler, pool } = world;
  const runs: Run[] = [];
  const pendingOf = new Map<Run, Map<number, Pending>>();
  const here = processOf(id);
  let children = 0;

  const openRun = (workflowId: string) => runs.find((run) => run.workflowId === workflowId && run.status === 'open');

  /** Resolves what a run waited for, as an event of its history. */
  function deliver(run: Run, seq: number, outcome: Outcome): void {
    scheduler.soon(run.process, outcome.ok ? 'is told of' : 'is told of the failure of', String(seq), () => {
      const pending = pendingOf.get(run)?.get(seq);
      if (run.status !== 'open' || pending === undefined) return;
      pendingOf.get(run)?.delete(seq);
      const waiting = [...(pendingOf.get(run)?.values() ?? [])];
      const resettable = !run.told && waiting.every(({ command }) => command.kind !== 'child');
      run.events.push({ seq, outcome, resettable });
      pending.settle(outcome);
      lookAtConditions(run);
    });
  }

  function lookAtConditions(run: Run): void {
    if (run.conditions.size === 0) return;
    scheduler.soon(run.process, 'looks at its conditions', undefined, () => {
      for (const look of [...run.conditions]) look();
    });
  }

  function dispatch(run: Run, seq: number, pending: Pending): void {
    const { command } = pending;
    pending.dispatched = true;
    switch (command.kind) {
      case 'activity':
        pending.activity = pool.schedule(id, run, command, (outcome) => deliver(run, seq, outcome));
        return;
      case 'signal':
        scheduler.soon(here, 'passes on', command.name, () => {
          const target = openRun(command.workflowId);
          if (target !== undefined) receive(target, command.name, command.argument);
          const missing = new ApplicationFailure(`${command.workflowId} is not open`);
          deliver(run, seq, target === undefined ? { ok: false, error: missing } : { ok: true, value: undefined });
        });
        return;
      case 'timer':
        scheduler.later(command.ms, here, 'fires a timer of', run.runId, () =>
          deliver(run, seq, { ok: true, value: undefined }),
        );
        return;
      case 'child':
        scheduler.soon(here, 'starts a child', command.workflowId, () => {
          if (run.status !== 'open' || !pendingOf.get(run)?.has(seq)) return;
          const standing = openRun(command.workflowId);
          if (standing !== undefined) terminate(standing);
          pending.child = begin(command.type, command.workflowId, command.input, { run, seq });
        });
    }
  }

  function cancelCommand(run: Run, seq: number, pending: Pending): void {
    if (!pendingOf.get(run)?.has(seq)) return;
    if (pending.activity !== undefined) pool.cancel(pending.activity);
    else if (pending.child !== undefined) cancel(pending.child);
    else {
      // A timer, or what has not begun: it never does.
      pendingOf.get(run)?.delete(seq);
      pending.settle({ ok: false, error: new CancelledFailure(`${pending.command.kind} cancelled`) });
    }
  }

  function begin(
    type: string,
    workflowId: string,
    input: unknown,
    parent: Run['parent'],
    predecessor?: { readonly firstRunId: string; readonly replayed: readonly Event[] },
  ): Run {
    const runId = `${id}-${workflowId.split('/').slice(2).join('-')}-${String((children += 1))}`;
    const pending = new Map<number, Pending>();
    let seqs = 0;
    let replaying = true;
    const run: Run = {
      runId,
      firstExecutionRunId: predecessor?.firstRunId ?? runId,
      workflowId,
      type,
      input,
      parent,
      process: processOf(runId),
      rootScope: rootScope(),
      handlers: new Map(),
      conditions: new Set(),
      events: [],
      status: 'open',
      result: undefined,
      told: false,
      schedule(command) {
        const seq = (seqs += 1);
        const { promise, resolve, reject } = Promise.withResolvers<unknown>();
        promise.catch(() => undefined);
        const settle = (outcome: Outcome): void => (outcome.ok ? resolve(outcome.value) : reject(outcome.error));
        const entry: Pending = { command, settle, dispatched: false };
        pending.set(seq, entry);
        if (!replaying) dispatch(run, seq, entry);
        return { result: promise, cancel: () => cancelCommand(run, seq, entry) };
      },
    };
    runs.push(run);
    pendingOf.set(run, pending);
    scheduler.soon(run.process, 'begins', type, () => {
      currentProcess.run(run.process, () => execute(run));
      replay(run, predecessor?.replayed ?? [], () => {
        replaying = false;
        for (const [seq, entry] of [...pending]) if (!entry.dispatched) dispatch(run, seq, entry);
      });
    });
    return run;
  }

  /** Goes through the events of an earlier run, one after the other, before anything is asked for in earnest. */
  function replay(run: Run, [event, ...rest]: readonly Event[], done: () => void): void {
    scheduler.soon(run.process, event === undefined ? 'runs' : 'replays', undefined, () => {
      if (run.status !== 'open') return;
      if (event === undefined) {
        done();
        return;
      }
      const pending = pendingOf.get(run);
      const entry = pending?.get(event.seq);
      pending?.delete(event.seq);
      run.events.push(event);
      entry?.settle(event.outcome);
      replay(run, rest, done);
    });
  }

  function execute(run: Run): void {
    const code = world.workflows[run.type] as (input: unknown) => Promise<unknown>;
    asRun(run, () => code(run.input)).then(
      (value) => close(run, 'completed', { ok: true, value }),
      (error: unknown) => {
        if (!(error instanceof ApplicationFailure) && !(error instanceof CancelledFailure))
          world.taskFailed(run, error);
        close(run, 'failed', { ok: false, error: error as Error });
      },
    );
  }

  /** Ends a run: tells its parent, and asks its children to end. */
  function close(run: Run, status: 'completed' | 'failed' | 'terminated', outcome: Outcome): void {
    if (run.status !== 'open') return;
    run.result = outcome.ok ? outcome.value : outcome.error;
    end(run, status);
    for (const { child } of pendingOf.get(run)?.values() ?? []) {
      if (child !== undefined) scheduler.soon(here, 'cancels a child', child.runId, () => cancel(child));
    }
    tellParent(run, outcome);
  }

  function tellParent({ parent, workflowId, runId, type }: Run, outcome: Outcome): void {
    if (parent === undefined) return;
    const failure = (cause: Error) =>
      new ChildWorkflowFailure('default', { workflowId, runId }, type, 'NON_RETRYABLE_FAILURE', cause);
    deliver(parent.run, parent.seq, outcome.ok ? outcome : { ok: false, error: failure(outcome.error) });
  }

  function end(run: Run, status: Run['status']): void {
    run.status = status;
    if (status === 'terminated') run.process.state = 'dead';
    for (const { activity } of pendingOf.get(run)?.values() ?? []) if (activity !== undefined) pool.abandon(activity);
  }

  function receive(run: Run, name: string, argument: unknown): void {
    scheduler.soon(run.process, 'receives', name, () => {
      const handler = run.handlers.get(name) as ((argument: unknown) => unknown) | undefined;
      if (run.status === 'open') currentProcess.run(run.process, () => asRun(run, () => handler?.(argument)));
      lookAtConditions(run);
    });
  }

  function cancel(run: Run): void {
    if (run.status !== 'open') return;
    run.told = true;
    scheduler.soon(run.process, 'is cancelled', undefined, () => {
      if (run.status === 'open') asRun(run, () => run.rootScope.cancel());
    });
  }

  function terminate(run: Run): void {
    close(run, 'terminated', { ok: false, error: new TerminatedFailure('terminated') });
  }

  return {
    id,
    runs,
    openRun,
    cancel,
    terminate,
    start: (type, workflowId, input) =>
      openRun(workflowId) === undefined ? begin(type, workflowId, input, undefined) : undefined,
    signal: receive,
    resetPoints: (run) => [0, ...run.events.flatMap((event, index) => (event.resettable ? [index + 1] : []))],
    reset(run, kept) {
      const { type, workflowId, input, parent, events, firstExecutionRunId: firstRunId } = run;
      // Children of a run that is reset run on: the close policy does not apply.
      if (run.status === 'open') end(run, 'terminated');
      return begin(type, workflowId, input, parent, { firstRunId, replayed: events.slice(0, kept) });
    },
  };
}
