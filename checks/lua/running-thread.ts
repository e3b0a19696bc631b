import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { CheckAnswer, CheckRequest, ThreadMessage, ThreadSettings } from './protocol.ts';

/** What the thread's own JavaScript may use, MB; Lua's memory has a limit of its own. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

/** What came of a request. `line` is the script's line that was being run, 0 where none was. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: CheckAnswer }
  | { readonly kind: 'late'; readonly line: number }
  | { readonly kind: 'broken'; readonly line: number; readonly why: string };

/** A thread that answers one request after the other. After anything but an answer it is to be ended. */
export interface LuaThread {
  ask(request: CheckRequest, timeLimitMs: number): Promise<Outcome>;
  end(): Promise<void>;
}

/** Starts a thread. While nothing is asked of it, it does not keep the process alive. */
export function startThread(): LuaThread {
  const line = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const settings: ThreadSettings = { line };
  const worker = new Worker(entry(), { workerData: settings, env: {}, resourceLimits: LIMITS });
  const broken = new Promise<string>((resolve) => {
    worker.once('error', (error: Error) => resolve(error.message));
    worker.once('exit', (code) => resolve(`it ended with code ${String(code)}`));
  });
  const ready = new Promise<void>((resolve) => worker.once('message', () => resolve()));
  return {
    async ask(request, timeLimitMs) {
      worker.ref();
      await Promise.race([ready, broken]);
      const ended = broken.then((why): Outcome => ({ kind: 'broken', line: line[0] ?? 0, why }));
      const outcome = await Promise.race([reply(worker, line, request, timeLimitMs), ended]);
      worker.unref();
      return outcome;
    },
    async end() {
      await worker.terminate();
    },
  };
}

/** The thread's entry stands beside this file, as TypeScript in the sources and as JavaScript in what is published. */
function entry(): string {
  return fileURLToPath(new URL(`./thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
}

function reply(worker: Worker, line: Int32Array, request: CheckRequest, timeLimitMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      worker.off('message', hear);
      resolve(outcome);
    };
    const hear = (message: ThreadMessage): void => {
      if (message.kind === 'answer' && message.id === request.id) settle({ kind: 'answered', answer: message.answer });
    };
    // Where this thread itself was busy, the answer may have come in time and not have been heard yet.
    const timer = setTimeout(() => {
      setImmediate(() => settle({ kind: 'late', line: line[0] ?? 0 }));
    }, timeLimitMs);
    worker.on('message', hear);
    worker.postMessage(request);
  });
}
