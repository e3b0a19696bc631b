import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** What the thread's own JavaScript may use, MB; the memory of a WebAssembly module is another matter. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

/** A machine that stood still for a moment is not to be taken for code that loops. */
const TRIES = 2;

/** What a thread says. */
export type ThreadMessage<Answer> =
  { readonly kind: 'ready' } | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer };

/** What a thread is asked. */
export interface ThreadRequest {
  /** Stands in the answer. */
  readonly id: number;
}

/** What came of a request; `late` where it took longer than it may, twice. */
export type Outcome<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'late' }
  | { readonly kind: 'broken'; readonly why: string };

/** A thread for code that others have written. It answers one request after the other; asking again before it has answered is a mistake. */
export interface RunningThread<Request extends ThreadRequest, Answer> {
  ask(request: Request, timeLimitMs: number): Promise<Outcome<Answer>>;
  end(): Promise<void>;
}

/**
 * A thread whose module is `./thread` beside the module of the URL `beside`. It starts with the first request, and anew after one
 * that had to be ended. While nothing is asked of it, it does not keep the process alive. `settings` are its `workerData`.
 */
export function runningThread<Request extends ThreadRequest, Answer>(
  beside: string,
  settings: unknown,
): RunningThread<Request, Answer> {
  let thread: RunningThread<Request, Answer> | undefined;
  async function end(): Promise<void> {
    await thread?.end();
    thread = undefined;
  }
  return {
    end,
    async ask(request, timeLimitMs) {
      for (let tried = 1; ; tried += 1) {
        thread ??= startThread<Request, Answer>(beside, settings);
        const outcome = await thread.ask(request, timeLimitMs);
        if (outcome.kind === 'answered') return outcome;
        await end();
        if (outcome.kind === 'broken' || tried >= TRIES) return outcome;
      }
    },
  };
}

function startThread<Request extends ThreadRequest, Answer>(
  beside: string,
  settings: unknown,
): RunningThread<Request, Answer> {
  const worker = new Worker(entry(beside), { workerData: settings, env: {}, resourceLimits: LIMITS });
  const broken = new Promise<string>((resolve) => {
    worker.once('error', (error: Error) => resolve(error.message));
    worker.once('exit', (code) => resolve(`it ended with code ${String(code)}`));
  });
  const ready = new Promise<void>((resolve) => worker.once('message', () => resolve()));
  return {
    async ask(request, timeLimitMs) {
      worker.ref();
      await Promise.race([ready, broken]);
      const ended = broken.then((why): Outcome<Answer> => ({ kind: 'broken', why }));
      const outcome = await Promise.race([reply<Answer>(worker, request, timeLimitMs), ended]);
      worker.unref();
      return outcome;
    },
    async end() {
      await worker.terminate();
    },
  };
}

/** A thread's module is TypeScript in the sources and JavaScript in what is published. */
function entry(beside: string): string {
  return fileURLToPath(new URL(`./thread${extname(fileURLToPath(beside))}`, beside));
}

function reply<Answer>(worker: Worker, request: ThreadRequest, timeLimitMs: number): Promise<Outcome<Answer>> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome<Answer>): void => {
      clearTimeout(timer);
      worker.off('message', hear);
      resolve(outcome);
    };
    const hear = (message: ThreadMessage<Answer>): void => {
      if (message.kind === 'answer' && message.id === request.id) settle({ kind: 'answered', answer: message.answer });
    };
    // Where this thread itself was busy, the answer may have come in time and not have been heard yet.
    const timer = setTimeout(() => {
      setImmediate(() => settle({ kind: 'late' }));
    }, timeLimitMs);
    worker.on('message', hear);
    worker.postMessage(request);
  });
}
