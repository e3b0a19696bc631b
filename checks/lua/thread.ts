import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadMessage } from '../../threads/running-thread.ts';
import { openMachine } from './machine.ts';
import type { CheckAnswer, CheckRequest, ThreadSettings } from './protocol.ts';

/** The thread that runs scripts, one after the other. It ends with an error of its own when a script breaks the machine. */
const { line } = workerData as ThreadSettings;
const machine = await openMachine(line);
const say = (message: ThreadMessage<CheckAnswer>): void => parentPort?.postMessage(message);
parentPort?.on('message', ({ id, code, object }: CheckRequest) => {
  say({ kind: 'answer', id, answer: machine.evaluate(code, object) });
});
say({ kind: 'ready' });
