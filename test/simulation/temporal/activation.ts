import type { Scheduler } from '../engine/scheduler.ts';
import { currentProcess } from '../engine/scheduler.ts';
import type { Commands } from './commands.ts';
import type { Activation, Answer, Heard, Message, Outcome, Run } from './run.ts';
import type { Handler } from './workflow-api.ts';
import { asRun } from './workflow-api.ts';

/** A message on its way to a run. */
export interface Letter {
  readonly message: Message;
  /** Tells its sender what became of it. */
  readonly answered: (answer: Answer) => void;
}

/** What has come for a run since its last workflow task. */
export interface Inbox {
  letters: Letter[];
  resolved: { readonly seq: number; readonly outcome: Outcome }[];
  /** Whether a workflow task is on its way. */
  isDue: boolean;
  /** Whether the run has begun, and gone through the history of its predecessor. */
  hasBegun: boolean;
}

/** A workflow task: a run hears its messages, then what it has waited for; then all its code runs as far as it can. */
export function activate(run: Run, inbox: Inbox, { pending }: Commands, scheduler: Scheduler, then?: () => void): void {
  const letters = inbox.letters;
  const resolved = inbox.resolved.filter(({ seq }) => pending.has(seq));
  inbox.letters = [];
  inbox.resolved = [];
  const messages: Message[] = [];
  const children = [...pending].filter(
    ([seq, { command }]) => command.kind === 'child' && resolved.every((each) => each.seq !== seq),
  );
  run.events.push({ messages, resolved, patches: new Set(), resettable: children.length === 0 });
  for (const letter of letters) if (hear(run, letter, scheduler)) messages.push(letter.message);
  settle(run, resolved, pending);
  whenSettled(run, scheduler, then);
}

/** The first workflow task of a run: what was sent with its start is heard as soon as there is a handler of it. */
export function begin(
  run: Run,
  letters: readonly Letter[],
  scheduler: Scheduler,
  execute: () => void,
  then: () => void,
): void {
  const messages: Message[] = [];
  run.events.push({ messages, resolved: [], patches: new Set(), resettable: true });
  executeWith(run, letters, execute, (letter) => {
    if (hear(run, letter, scheduler)) messages.push(letter.message);
  });
  whenSettled(run, scheduler, then);
}

/** Goes through what an earlier run of the workflow was told, one task after the other. */
export function replay(
  run: Run,
  [first, ...rest]: readonly Activation[],
  commands: Commands,
  scheduler: Scheduler,
  execute: () => void,
  then: () => void,
): void {
  if (first === undefined) return;
  run.events.push(first);
  const letters = first.messages.map((message) => ({ message, answered: nobody }));
  executeWith(run, letters, execute, ({ message }) => handle(run, message, nobody));
  goThrough(run, rest, commands, scheduler, then);
}

function goThrough(
  run: Run,
  [event, ...rest]: readonly Activation[],
  commands: Commands,
  scheduler: Scheduler,
  then: () => void,
): void {
  if (event === undefined) {
    whenSettled(run, scheduler, then);
    return;
  }
  whenSettled(run, scheduler, () => {
    run.events.push(event);
    for (const message of event.messages) handle(run, message, nobody);
    settle(run, event.resolved, commands.pending);
    goThrough(run, rest, commands, scheduler, then);
  });
}

/** Runs a workflow's code up to its first wait, beside messages for which it registers handlers on its way there. */
function executeWith(run: Run, letters: readonly Letter[], execute: () => void, open: (letter: Letter) => void): void {
  let waiting = letters;
  run.registered = (name) => {
    const due = waiting.filter(({ message }) => nameOf(message) === name);
    waiting = waiting.filter((letter) => !due.includes(letter));
    due.forEach(open);
  };
  execute();
  run.registered = nobody;
  waiting.forEach(open);
}

/** Calls once all code of a run has run as far as it can, whatever conditions it waits for. */
function whenSettled(run: Run, scheduler: Scheduler, then: (() => void) | undefined): void {
  scheduler.afterwards(() => {
    if (run.status !== 'open') return;
    const met = [...run.conditions].filter((look) => look());
    if (met.length > 0) whenSettled(run, scheduler, then);
    else then?.();
  });
}

function settle(run: Run, resolved: Activation['resolved'], pending: Commands['pending']): void {
  for (const { seq, outcome } of resolved) {
    const entry = pending.get(seq);
    pending.delete(seq);
    entry?.settle(outcome);
  }
}

/** Lets a run hear a message. False where its validator refuses it, so that its history does not know of it. */
function hear(run: Run, { message, answered }: Letter, scheduler: Scheduler): boolean {
  const heard: Heard = { message, at: scheduler.now(), answer: undefined };
  run.heard.push(heard);
  if (message.kind === 'cancel' || message.name === 'abort') run.told = true;
  const answer = (given: Answer): void => {
    heard.answer = given;
    answered(given);
  };
  if (message.kind === 'update') {
    try {
      asRun(run, () => handlerOf(run, message).validate?.(message.argument));
    } catch (error) {
      answer({ refused: (error as Error).message });
      return false;
    }
  }
  handle(run, message, answer);
  return true;
}

function handle(run: Run, message: Message, answer: (given: Answer) => void): void {
  if (message.kind === 'cancel') {
    asRun(run, () => run.rootScope.cancel());
    answer('taken');
    return;
  }
  const handler = handlerOf(run, message);
  run.handling += 1;
  const handled = currentProcess.run(run.process, () => asRun(run, async () => handler.handle(message.argument)));
  void handled
    .then(
      () => answer('taken'),
      (error: unknown) => answer({ refused: (error as Error).message }),
    )
    .finally(() => (run.handling -= 1));
}

function handlerOf({ type, handlers }: Run, message: Message): Handler {
  const handler = handlers.get(nameOf(message));
  if (handler === undefined) throw new Error(`${type} has no handler of ${nameOf(message)}`);
  return handler;
}

/** The name under which a workflow registers the handler of a message. */
function nameOf({ kind, name }: Message): string {
  return kind === 'update' ? `update ${name}` : name;
}

/** Nobody waits for it. */
function nobody(): void {
  // It is known from the history.
}
