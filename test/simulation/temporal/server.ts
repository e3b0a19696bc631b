import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import type { Scheduler } from '../engine/scheduler.ts';
import { currentProcess, processOf } from '../engine/scheduler.ts';
import type { Inbox, Letter } from './activation.ts';
import { activate, begin as beginWith, replay } from './activation.ts';
import type { ActivityPool } from './activities.ts';
import type { Commands, Pending } from './commands.ts';
import { commandsOf } from './commands.ts';
import type { Activation, Answer, Message, Outcome, Run } from './run.ts';
import type { Command } from './workflow-api.ts';
import { ContinueAsNew, asRun, rootScope } from './workflow-api.ts';

/** One Temporal: workflow IDs are locks in it, and it knows nothing of any other. */
export interface TemporalServer {
  readonly id: string;
  readonly runs: readonly Run[];
  openRun(workflowId: string): Run | undefined;
  /** Starts a workflow; undefined where one with its ID is open. */
  start(type: string, workflowId: string, input: unknown): Run | undefined;
  cancel(run: Run): void;
  terminate(run: Run): void;
  /** Tells a run something in its next workflow task, together with all else that has come by then. */
  tell(run: Run, messages: readonly Message[]): void;
  /** Signals the open run of a workflow, which is started where there is none. */
  signalWithStart(type: string, workflowId: string, input: unknown, signal: Message): void;
  /** Ends a run and lets a new one go on from one of its tasks, by its index; what it was told since then it is told again. */
  reset(run: Run, at: number): Run;
  /** Indices of the tasks that a run may be reset to. */
  resetPoints(run: Run): readonly number[];
  /** Calls once a run has closed, however. */
  onClosed(run: Run, act: () => void): void;
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

/** What a run goes on from that is not the first of its workflow. */
interface Predecessor {
  readonly firstRunId: string;
  readonly replayed: readonly Activation[];
  readonly resolved: Activation['resolved'];
  readonly letters: readonly Letter[];
}

/** What a server keeps of a run beside its history. */
interface Keeping {
  readonly commands: Commands;
  readonly inbox: Inbox;
  readonly closed: (() => void)[];
}

type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

/** Makes a server without workflows. */
export function temporalServer(id: string, world: ServerWorld): TemporalServer {
  const { scheduler, pool } = world;
  const runs: Run[] = [];
  const open = new Map<string, Run>();
  const keepings = new Map<Run, Keeping>();
  const here = processOf(id);

  const keepingOf = (run: Run): Keeping => keepings.get(run) as Keeping;
  const openRun = (workflowId: string) => open.get(workflowId);

  /** Lets a run go on in a workflow task, which takes all that has come by then. */
  function wake(run: Run): void {
    const { inbox, commands } = keepingOf(run);
    if (inbox.isDue || !inbox.hasBegun) return;
    inbox.isDue = true;
    scheduler.soon(run.process, 'goes on', undefined, () => {
      inbox.isDue = false;
      if (run.status === 'open') activate(run, inbox, commands, scheduler);
    });
  }

  function deliver(run: Run, seq: number, outcome: Outcome): void {
    if (run.status !== 'open') return;
    keepingOf(run).inbox.resolved.push({ seq, outcome });
    wake(run);
  }

  function post(run: Run, letters: readonly Letter[]): void {
    if (run.status !== 'open') {
      for (const { answered } of letters) answered('not open');
      return;
    }
    keepingOf(run).inbox.letters.push(...letters);
    wake(run);
  }

  function begin(
    { type, workflowId, input, parent }: Pick<Run, 'type' | 'workflowId' | 'input' | 'parent'>,
    { firstRunId, replayed = [], resolved = [], letters = [] }: Partial<Predecessor> = {},
  ): Run {
    const runId = `${id}-${workflowId.replace(/\/[^/]*\/[^/]*/, '').replace('/', '-')}-${String(runs.length + 1)}`;
    const commands = commandsOf({ ask: (seq, pending) => ask(run, seq, pending), cancel: cancelPending });
    const inbox: Inbox = { letters: [...letters], resolved: [...resolved], isDue: false, hasBegun: false };
    const known = new Set(replayed.flatMap(({ patches }) => [...patches]));
    let isReplaying = replayed.length > 0;
    const run: Run = {
      ...{ runId, firstExecutionRunId: firstRunId ?? runId, workflowId, type, input, parent },
      process: processOf(runId),
      rootScope: rootScope(),
      handlers: new Map(),
      conditions: new Set(),
      handling: 0,
      schedule: (command) => commands.schedule(command),
      registered: () => undefined,
      patched(patch) {
        if (!isReplaying) run.events.at(-1)?.patches.add(patch);
        return !isReplaying || known.has(patch);
      },
      ...{ events: [], heard: [], issued: [], status: 'open', result: undefined, told: false },
    };
    runs.push(run);
    open.set(workflowId, run);
    keepings.set(run, { commands, inbox, closed: [] });
    scheduler.soon(run.process, 'begins', type, () => {
      if (run.status !== 'open') return;
      const executes = (): void => currentProcess.run(run.process, () => execute(run));
      const goOn = (): void => {
        inbox.hasBegun = true;
        isReplaying = false;
        commands.catchUp();
        // The task that a reset goes back to is done anew, and hears what the run is told again.
        if (inbox.letters.length + inbox.resolved.length > 0)
          activate(run, inbox, commands, scheduler, () => commands.begin());
        else commands.begin();
      };
      if (replayed.length === 0) commands.catchUp();
      if (replayed.length === 0) beginWith(run, inbox.letters.splice(0), scheduler, executes, goOn);
      else replay(run, replayed, commands, scheduler, executes, goOn);
    });
    return run;
  }

  function execute(run: Run): void {
    const code = world.workflows[run.type] as (input: unknown) => Promise<unknown>;
    asRun(run, () => code(run.input)).then(
      (value) => close(run, 'completed', { ok: true, value }),
      (error: unknown) => {
        if (error instanceof ContinueAsNew) {
          goOnAnew(run, error.input);
          return;
        }
        if (!(error instanceof ApplicationFailure) && !(error instanceof CancelledFailure))
          world.taskFailed(run, error);
        close(run, 'failed', { ok: false, error: error as Error });
      },
    );
  }

  function goOnAnew(run: Run, input: unknown): void {
    if (run.status !== 'open') return;
    const letters = takeLetters(run);
    end(run, 'continued');
    begin({ ...run, input }, { firstRunId: run.firstExecutionRunId, letters });
  }

  /** Does for a run what it asks for. */
  function ask(run: Run, seq: number, pending: Pending): void {
    const { command } = pending;
    run.issued.push({ at: pending.isOld ? 0 : scheduler.now(), seq, command });
    switch (command.kind) {
      case 'activity':
        pending.activity = pool.schedule(id, run, command, (outcome) => deliver(run, seq, outcome));
        return;
      case 'timer':
        pending.callOff = scheduler.later(command.ms, here, 'fires a timer of', run.runId, () =>
          deliver(run, seq, { ok: true, value: undefined }),
        );
        return;
      case 'signal':
        scheduler.soon(here, 'passes on', command.name, () => passOn(run, seq, command));
        return;
      case 'cancel':
        scheduler.soon(here, 'cancels', command.workflowId, () => {
          const target = openRun(command.workflowId);
          if (target !== undefined) cancel(target);
          const missing = new ApplicationFailure(`${command.workflowId} is not open`);
          deliver(run, seq, target === undefined ? { ok: false, error: missing } : { ok: true, value: undefined });
        });
        return;
      case 'start':
        scheduler.soon(here, 'starts', command.workflowId, () => {
          if (run.status === 'open') deliver(run, seq, startedFor(command));
        });
        return;
      case 'child':
        scheduler.soon(here, 'starts a child', command.workflowId, () => startChild(run, seq, pending, command));
    }
  }

  function passOn(run: Run, seq: number, { workflowId, name, argument }: CommandOf<'signal'>): void {
    const answered = (answer: Answer): void => {
      const missing = new ApplicationFailure(`${workflowId} is not open`);
      deliver(run, seq, answer === 'not open' ? { ok: false, error: missing } : { ok: true, value: undefined });
    };
    const target = openRun(workflowId);
    if (target === undefined) answered('not open');
    else post(target, [{ message: { kind: 'signal', name, argument }, answered }]);
  }

  function startedFor({ type, workflowId, input }: CommandOf<'start'>): Outcome {
    if (openRun(workflowId) !== undefined) {
      return { ok: false, error: new WorkflowExecutionAlreadyStartedError('it is open', workflowId, type) };
    }
    return { ok: true, value: begin({ type, workflowId, input, parent: undefined }).runId };
  }

  function startChild(run: Run, seq: number, pending: Pending, { type, workflowId, input }: CommandOf<'child'>): void {
    if (run.status !== 'open') return;
    if (pending.isCancelled) {
      deliver(run, seq, { ok: false, error: new CancelledFailure('cancelled before it began') });
      return;
    }
    const standing = openRun(workflowId);
    if (standing !== undefined) terminate(standing);
    pending.child = begin({ type, workflowId, input, parent: { workflowId: run.workflowId, run, seq } });
  }

  function cancelPending({ activity, child }: Pending): void {
    if (activity !== undefined) pool.cancel(activity);
    else if (child !== undefined) cancel(child);
  }

  /** Ends a run: tells its parent, and asks its children to end. */
  function close(run: Run, status: 'completed' | 'failed' | 'terminated', outcome: Outcome): void {
    if (run.status !== 'open') return;
    run.result = outcome.ok ? outcome.value : outcome.error;
    const letters = takeLetters(run);
    end(run, status);
    for (const { answered } of letters) answered('not open');
    for (const { child } of keepingOf(run).commands.pending.values()) {
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
    if (open.get(run.workflowId) === run) open.delete(run.workflowId);
    if (status === 'terminated') run.process.state = 'dead';
    const { commands, closed } = keepingOf(run);
    for (const { activity, callOff } of commands.pending.values()) {
      if (activity !== undefined) pool.abandon(activity);
      callOff?.();
    }
    for (const act of closed) act();
  }

  /** What has come for a run that it has not heard. */
  function takeLetters(run: Run): readonly Letter[] {
    return keepingOf(run).inbox.letters.splice(0);
  }

  function cancel(run: Run): void {
    if (run.status !== 'open') return;
    post(run, [{ message: CANCEL, answered: unheard }]);
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
      openRun(workflowId) === undefined ? begin({ type, workflowId, input, parent: undefined }) : undefined,
    tell: (run, messages) =>
      post(
        run,
        messages.map((message) => ({ message, answered: unheard })),
      ),
    signalWithStart(type, workflowId, input, message) {
      // A workflow can't close while a signal waits to be heard: what comes then starts it anew.
      const answered = (answer: Answer): void => {
        if (answer === 'not open') begin({ type, workflowId, input, parent: undefined }, { letters: [letter] });
      };
      const letter = { message, answered };
      const target = openRun(workflowId);
      if (target === undefined) answered('not open');
      else post(target, [letter]);
    },
    resetPoints: ({ events }) => events.flatMap(({ resettable }, index) => (resettable || index === 0 ? [index] : [])),
    reset(run, at) {
      const { events, firstExecutionRunId: firstRunId } = run;
      const unheardYet = takeLetters(run);
      // Children of a run that is reset run on: the close policy does not apply.
      if (run.status === 'open') end(run, 'terminated');
      const later = events.slice(at).flatMap(({ messages }) => messages);
      const letters = [...later.map((message) => ({ message, answered: unheard })), ...unheardYet];
      return begin(run, { firstRunId, replayed: events.slice(0, at), resolved: events[at]?.resolved ?? [], letters });
    },
    onClosed: (run, act) => void keepingOf(run).closed.push(act),
  };
}

const CANCEL: Message = { kind: 'cancel', name: 'cancel', argument: undefined };

/** Nobody waits for the answer. */
function unheard(): void {
  // What became of the message is known from the run.
}
