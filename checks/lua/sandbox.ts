import type { KubernetesObject } from '../../core/objects.ts';
import type { CheckAnswer, CheckRequest } from './protocol.ts';
import type { LuaThread } from './running-thread.ts';
import { startThread } from './running-thread.ts';

/** The most time one evaluation may take, ms; Argo CD gives its scripts as much. */
const MOST_TIME_MS = 1_000;

/** How long a script that ran out of time is not tried again, ms: a wave of many such objects must still reach its deadline. */
const REST_MS = 30_000;

/** A machine that stood still for a moment is not to be taken for a script that loops. */
const TRIES = 2;

/** Runs Lua scripts in a thread of their own, with a limit of time and memory. Nothing of the process is in reach of them. */
export interface LuaSandbox {
  /** Evaluates a script for an object; without an object it is only compiled. Never throws for what a script does. */
  evaluate(code: string, object?: KubernetesObject): Promise<CheckAnswer>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** Makes a sandbox. Its thread starts with the first evaluation, and anew after one that had to be ended. */
export function createLuaSandbox(timeLimitMs = MOST_TIME_MS): LuaSandbox {
  const resting = new Map<string, { readonly until: number; readonly answer: CheckAnswer }>();
  let thread: LuaThread | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let ids = 0;

  async function evaluate(request: CheckRequest): Promise<CheckAnswer> {
    const rest = resting.get(request.code);
    if (rest !== undefined && rest.until > performance.now()) return rest.answer;
    resting.delete(request.code);
    for (let tried = 1; ; tried += 1) {
      thread ??= startThread();
      const outcome = await thread.ask(request, timeLimitMs);
      if (outcome.kind === 'answered') return outcome.answer;
      await thread.end();
      thread = undefined;
      const { line } = outcome;
      if (outcome.kind === 'broken') return { kind: 'error', message: `has broken its sandbox: ${outcome.why}`, line };
      if (tried < TRIES) continue;
      const message = `runs longer than ${String(timeLimitMs / 1000)} s`;
      const answer: CheckAnswer = { kind: 'error', message, line };
      resting.set(request.code, { until: performance.now() + REST_MS, answer });
      return answer;
    }
  }

  return {
    evaluate(code, object) {
      ids += 1;
      const request = { id: ids, code, ...(object === undefined ? {} : { object }) };
      const turn = last.then(() => evaluate(request));
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      await last;
      await thread?.end();
      thread = undefined;
    },
  };
}
