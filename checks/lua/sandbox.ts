import type { KubernetesObject } from '../../core/objects.ts';
import { runningThread } from '../../threads/running-thread.ts';
import { turns } from '../../threads/turns.ts';
import type { CheckAnswer, CheckRequest, ThreadSettings } from './protocol.ts';

/** The most time one evaluation may take, ms; Argo CD gives its scripts as much. */
const MOST_TIME_MS = 1_000;

/** How long a script that ran out of time is not tried again, ms: a wave of many such objects must still reach its deadline. */
const REST_MS = 30_000;

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
  const line = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const settings: ThreadSettings = { line };
  const thread = runningThread<CheckRequest, CheckAnswer>(import.meta.url, settings);
  const queue = turns();
  let ids = 0;

  async function evaluate(request: CheckRequest): Promise<CheckAnswer> {
    const rest = resting.get(request.code);
    if (rest !== undefined && rest.until > performance.now()) return rest.answer;
    resting.delete(request.code);
    line[0] = 0;
    const outcome = await thread.ask(request, timeLimitMs);
    const at = line[0];
    switch (outcome.kind) {
      case 'answered':
        return outcome.answer;
      case 'broken':
        return { kind: 'error', message: `has broken its sandbox: ${outcome.why}`, line: at };
      case 'late': {
        const message = `runs longer than ${String(timeLimitMs / 1000)} s`;
        const answer: CheckAnswer = { kind: 'error', message, line: at };
        resting.set(request.code, { until: performance.now() + REST_MS, answer });
        return answer;
      }
    }
  }

  return {
    evaluate(code, object) {
      ids += 1;
      const request = { id: ids, code, ...(object === undefined ? {} : { object }) };
      return queue.take(() => evaluate(request));
    },
    close: () => queue.take(() => thread.end()),
  };
}
