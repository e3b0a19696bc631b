import { AsyncLocalStorage } from 'node:async_hooks';
import type { Random } from './random.ts';

/**
 * Something that runs code of its own: an attempt of an activity, a run of a workflow, a controller. It may stand still for
 * a while, as a stopped process does, or be dead: then its code never goes on.
 */
export interface Process {
  readonly name: string;
  /** The sync for which it runs; undefined for none. */
  readonly syncId: string | undefined;
  state: 'running' | 'still' | 'dead';
  /** What becomes of requests it has under way while it stands still or once it is dead: they are held back (dropped), or take effect. */
  holdsRequests: boolean;
  /** What waits until it goes on. */
  held: Task[];
  /** The request that it made last and has no answer to; undefined while there is none. */
  asking: string | undefined;
}

/** One thing that may happen next. */
interface Task {
  readonly time: number;
  readonly order: number;
  /** Whose code goes on. */
  readonly process: Process;
  /** Whose request it is, where it takes effect elsewhere. */
  readonly sender: Process | undefined;
  readonly what: string;
  readonly about: unknown;
  readonly act: () => void;
}

/** The most time that passes while there is something to do, ms: as slow as a machine is without being taken for dead. */
const MOST_HASTE_MS = 10_000;

/** How long one step takes, ms: nothing happens at the very time of what caused it. */
const STEP_MS = 1;

/** Decides what happens next, and when, on a clock of its own. Between two things that happen, all code runs as far as it can. */
export interface Scheduler {
  /** The virtual time, ms since 1970. */
  now(): number;
  /** How many things have happened. */
  steps(): number;
  /** Lets something happen, at once or after a while, when its turn comes. */
  soon(process: Process, what: string, about: unknown, act: () => void, sender?: Process): void;
  /** As `soon`, after a while of virtual time. Answers what calls it off. */
  later(ms: number, process: Process, what: string, about: unknown, act: () => void): () => void;
  /** Does something once all code has run as far as it can, before anything else happens. */
  afterwards(act: () => void): void;
  /** Lets a process stand still for a while of virtual time, or until it is told to go on. */
  halt(process: Process, ms: number, holdsRequests: boolean): void;
  /** Lets a process that stands still go on, before most of what else there is to do for its next steps. */
  goOn(process: Process, hurry: number): void;
  kill(process: Process, dropsRequests: boolean): void;
  /** Runs until nothing is left to do. Answers false where that took more steps than it may. */
  run(mostSteps: number): Promise<boolean>;
  /** Called before each step; answers true where it has done something that code is to react to first. */
  beforeStep: () => boolean;
  /** Called with each thing that happens, where a timeline is wanted. */
  tell: ((text: string) => void) | undefined;
}

/** How a schedule is dealt: how often the same process goes on, and how often time passes although there is something to do. */
export interface Temper {
  readonly persistence: number;
  readonly haste: number;
}

/** What a process's code is given to find itself by. */
export const currentProcess = new AsyncLocalStorage<Process>();

/** Makes a process that runs, for a sync where it does. */
export function processOf(name: string, syncId?: string): Process {
  return { name, syncId, state: 'running', holdsRequests: false, held: [], asking: undefined };
}

/** Makes a scheduler whose clock begins at `start`. */
export function schedulerOf(random: Random, temper: Temper, start: number): Scheduler {
  const ready: Task[] = [];
  const timers: Task[] = [];
  let after: (() => void)[] = [];
  let clock = start;
  let order = 0;
  let steps = 0;
  let last: Process | undefined;
  let hurried = { process: undefined as Process | undefined, steps: 0 };

  const task = (time: number, process: Process, what: string, about: unknown, act: () => void, sender?: Process) => {
    order += 1;
    return { time, order, process, sender, what, about, act };
  };
  const addTimer = (timer: Task): void => {
    let at = timers.length;
    while (at > 0 && (timers[at - 1] as Task).time > timer.time) at -= 1;
    timers.splice(at, 0, timer);
  };
  const passTime = (): boolean => {
    const first = timers.shift();
    if (first === undefined) return false;
    clock = Math.max(clock, first.time);
    ready.push(first);
    return true;
  };
  const take = (of: Process): Task | undefined => {
    const at = ready.findIndex(({ process, sender }) => process === of || sender === of);
    return at < 0 ? undefined : ready.splice(at, 1)[0];
  };
  const choose = (): Task => {
    if (hurried.process !== undefined && ready.length > 1 && random.chance(0.9)) {
      const own = take(hurried.process);
      if (own !== undefined) {
        hurried = hurried.steps > 1 ? { ...hurried, steps: hurried.steps - 1 } : { process: undefined, steps: 0 };
        return own;
      }
    }
    if (last !== undefined && ready.length > 1 && random.chance(temper.persistence)) {
      const own = take(last);
      if (own !== undefined) return own;
    }
    const at = ready.length === 1 ? 0 : random.below(ready.length);
    const chosen = ready[at] as Task;
    ready[at] = ready[ready.length - 1] as Task;
    ready.pop();
    return chosen;
  };
  /** The process that keeps a task from happening now. */
  const hindrance = ({ process, sender }: Task): Process | undefined => {
    if (process.state !== 'running') return process;
    return sender !== undefined && sender.state !== 'running' && sender.holdsRequests ? sender : undefined;
  };
  const goOn = (process: Process): void => {
    if (process.state !== 'still') return;
    process.state = 'running';
    ready.push(...process.held);
    process.held = [];
  };

  /** Does the next thing; false where there is none. */
  const step = (): boolean => {
    for (;;) {
      while (timers[0] !== undefined && timers[0].time <= clock) ready.push(timers.shift() as Task);
      if (ready.length === 0 && !passTime()) return false;
      else if (random.chance(temper.haste) && (timers[0]?.time ?? Infinity) <= clock + MOST_HASTE_MS) passTime();
      const chosen = choose();
      const hinderer = hindrance(chosen);
      if (hinderer?.state === 'dead') continue;
      if (hinderer !== undefined) {
        hinderer.held.push(chosen);
        continue;
      }
      last = chosen.sender ?? chosen.process;
      steps += 1;
      clock += STEP_MS;
      if (scheduler.tell !== undefined) scheduler.tell(described(chosen, clock - start, steps));
      chosen.act();
      return true;
    }
  };

  const scheduler: Scheduler = {
    now: () => clock,
    steps: () => steps,
    beforeStep: () => false,
    tell: undefined,
    soon: (process, what, about, act, sender) => void ready.push(task(clock, process, what, about, act, sender)),
    later(ms, process, what, about, act) {
      const timer = task(clock + Math.max(0, ms), process, what, about, act);
      addTimer(timer);
      return () => {
        const at = timers.indexOf(timer);
        if (at >= 0) timers.splice(at, 1);
      };
    },
    afterwards: (act) => void after.push(act),
    halt(process, ms, holdsRequests) {
      if (process.state !== 'running') return;
      process.state = 'still';
      process.holdsRequests = holdsRequests;
      scheduler.later(ms, CLOCK, 'goes on', process.name, () => goOn(process));
    },
    goOn(process, hurry) {
      goOn(process);
      if (hurry > 0) hurried = { process, steps: hurry };
    },
    kill(process, dropsRequests) {
      process.state = 'dead';
      process.holdsRequests = dropsRequests;
      process.held = [];
    },
    run: (mostSteps) =>
      new Promise((resolve, reject) => {
        const limit = steps + mostSteps;
        // A next tick comes once all microtasks are through: then all code has run as far as it can.
        const turn = (): void => {
          try {
            if (after.length > 0) {
              const acts = after;
              after = [];
              for (const act of acts) act();
              queueMicrotask(nextTurn);
            } else if (scheduler.beforeStep()) queueMicrotask(nextTurn);
            else if (!step()) resolve(true);
            else if (steps >= limit) resolve(false);
            else queueMicrotask(nextTurn);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        const nextTurn = (): void => process.nextTick(turn);
        nextTurn();
      }),
  };
  return scheduler;
}

/** Not part of what is disturbed. */
const CLOCK = processOf('clock');

function described({ process, sender, what, about }: Task, at: number, step: number): string {
  const who = sender === undefined ? process.name : `${sender.name} →`;
  const of = about === undefined ? '' : typeof about === 'string' ? about : JSON.stringify(about);
  return `${String(step).padStart(5)} ${(at / 1000).toFixed(1).padStart(8)} s  ${who}  ${what} ${of}`;
}
