import { Readable } from 'node:stream';
import { runProgram } from '../../../cli/program.ts';
import { styleOf } from '../../../cli/render/style.ts';
import type { CommandInput, Environment, RunningCommand } from './processes.ts';
import { basics } from './processes.ts';

/**
 * Runs `syncline` with arguments in this process, in a pipe's place: of its environment it sees what it is given alone. To start
 * Node and to load the libraries takes longer than most commands, and tests run hundreds of them.
 */
export function runCommand(
  args: readonly string[],
  environment: Environment,
  { env = {}, stdin = '' }: CommandInput,
  interrupted: AbortSignal,
): RunningCommand {
  let output = '';
  let stdout = '';
  let stderr = '';
  const code = runProgram(args, {
    print: (text) => {
      stdout += `${text}\n`;
      output += `${text}\n`;
    },
    tell: (text) => {
      stderr += `${text}\n`;
      output += `${text}\n`;
    },
    stdin: Readable.from([Buffer.from(stdin)], { objectMode: false }),
    env: { ...basics(), ...environment, ...env },
    screen: undefined,
    width: () => 100,
    style: styleOf(false),
    interrupted,
    now: Date.now,
  });
  return { output: () => output, ended: code.then((ended) => ({ code: ended, stdout, stderr })) };
}
