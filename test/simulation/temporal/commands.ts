import { CancelledFailure } from '@temporalio/common';
import type { Activity } from './activities.ts';
import type { Outcome, Run } from './run.ts';
import type { Command } from './workflow-api.ts';

/** A command of a run that has no outcome yet. */
export interface Pending {
  readonly command: Command;
  readonly settle: (outcome: Outcome) => void;
  /** Whether the server was asked for it, and whether the run does not want it any more. */
  isAsked: boolean;
  /** Whether an earlier run had asked for it already, before a reset. */
  readonly isOld: boolean;
  isCancelled: boolean;
  activity?: Activity;
  child?: Run;
  /** Calls a timer off. */
  callOff?: () => void;
}

/** The commands of a run. While it goes through the history of its predecessor nothing is asked of the server. */
export interface Commands {
  readonly pending: Map<number, Pending>;
  /** Makes a command; `cancel` tells that it is not wanted any more. */
  schedule(command: Command): { readonly result: Promise<unknown>; readonly cancel: () => void };
  /** From now on the run makes commands that no earlier run has made. */
  catchUp(): void;
  /** From now on what the run asks for is asked for in earnest, as is what it still waits for. */
  begin(): void;
}

/** What the server does for a run. */
export interface CommandServer {
  ask(seq: number, pending: Pending): void;
  /** Cancels an activity or a child that was asked for. */
  cancel(pending: Pending): void;
}

/** Makes the commands of a run that has asked for nothing yet. */
export function commandsOf(server: CommandServer): Commands {
  const pending = new Map<number, Pending>();
  let isReplaying = true;
  let hasCaughtUp = false;
  let seqs = 0;
  const ask = (seq: number, entry: Pending): void => {
    entry.isAsked = true;
    server.ask(seq, entry);
    if (entry.isCancelled) server.cancel(entry);
  };
  /** Timers and signals end at once; of activities and children the history tells how they ended. */
  const cancel = (seq: number, entry: Pending): void => {
    if (entry.isCancelled || !pending.has(seq)) return;
    const { kind } = entry.command;
    if (kind === 'start') return;
    entry.isCancelled = true;
    if (kind === 'timer' || kind === 'signal') {
      pending.delete(seq);
      entry.callOff?.();
      entry.settle({ ok: false, error: new CancelledFailure(`${kind} cancelled`) });
    } else if (entry.isAsked) {
      server.cancel(entry);
    }
  };
  return {
    pending,
    schedule(command) {
      const seq = (seqs += 1);
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      promise.catch(() => undefined);
      const settle = (outcome: Outcome): void => (outcome.ok ? resolve(outcome.value) : reject(outcome.error));
      const entry: Pending = { command, settle, isAsked: false, isOld: !hasCaughtUp, isCancelled: false };
      pending.set(seq, entry);
      if (!isReplaying) ask(seq, entry);
      return { result: promise, cancel: () => cancel(seq, entry) };
    },
    catchUp() {
      hasCaughtUp = true;
    },
    begin() {
      isReplaying = false;
      for (const [seq, entry] of [...pending]) if (!entry.isAsked) ask(seq, entry);
    },
  };
}
