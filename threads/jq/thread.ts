import { parentPort } from 'node:worker_threads';
import type { Jq } from 'jq-wasm';
import { loadJq } from 'jq-wasm';
import type { Json } from '../../core/json.ts';
import type { ThreadMessage } from '../running-thread.ts';
import type { PathsAnswer, PathsRequest } from './protocol.ts';

/** jq's exit code for a program that it can't compile (its manual, "Invoking jq"). */
const NOT_COMPILED = 3;

/** The thread that evaluates jq path expressions, one after the other. */
const jq = await loadJq();
const say = (message: ThreadMessage<PathsAnswer>): void => parentPort?.postMessage(message);
parentPort?.on('message', ({ id, expression, value }: PathsRequest) => {
  say({ kind: 'answer', id, answer: pathsOf(jq, expression, value) });
});
say({ kind: 'ready' });

/** As a function's body an expression stands alone: whatever its brackets are, it can't end the program around it. */
function pathsOf(machine: Jq, expression: string, value: Json): PathsAnswer {
  const program = `def ignored: ${expression}\n; [path(ignored)]`;
  const { stdout, stderr, exitCode } = machine.raw(JSON.stringify(value), program, ['-c']);
  if (exitCode === 0)
    return stdout === '' ? { kind: 'inapplicable' } : { kind: 'paths', paths: JSON.parse(stdout) as Json };
  const [said = ''] = stderr.split('\n');
  if (exitCode === NOT_COMPILED) {
    return { kind: 'wrong', why: said.replace(/^jq: error: /, '').replace(/ at <top-level>.*$/, '') };
  }
  // What jq says of values can hold one of a Secret.
  if (said.includes('Invalid path expression')) return { kind: 'wrong', why: 'it finds values and no paths' };
  return { kind: 'inapplicable' };
}
