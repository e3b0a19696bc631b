import { EXIT } from './exit-codes.ts';
import { runProgram } from './program.ts';
import { consoleOf } from './surroundings.ts';

/** Runs the command line of a process and ends the process with its exit code. A second Ctrl-C ends it at once. */
export async function runProcess(process: NodeJS.Process): Promise<void> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    if (interruption.signal.aborted) process.exit(EXIT.interrupted);
    interruption.abort(new Error('interrupted'));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // A reader such as `head` that has seen enough closes the pipe; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT.failed));
  const code = await runProgram(process.argv.slice(2), consoleOf(process, interruption.signal));
  await drained(process.stdout);
  process.exit(code);
}

/** Resolves once what was written has left the process: an exit cuts off what a pipe has not taken yet. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.write('', () => resolve())) stream.once('drain', resolve);
  });
}
