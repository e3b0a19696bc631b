import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from './waiting.ts';

const CLI = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

/** The environment of a command: what it is given, and of ours only what a process needs. */
export type Environment = Readonly<Record<string, string>>;

/** How a command ended. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningCommand {
  /** Everything it has written so far, both streams. */
  output(): string;
  readonly ended: Promise<CliResult>;
}

/** A command that runs in a process of its own. */
export interface RunningCli extends RunningCommand {
  readonly child: ChildProcess;
}

/** What goes in beside the arguments. */
export interface CommandInput {
  readonly env?: Environment;
  readonly stdin?: string;
}

/** What goes into a process beside the arguments. */
export interface CliInput extends CommandInput {
  /** The command line’s main module. @default the sources’ */
  readonly program?: string;
}

/** Starts `syncline` with arguments in a process of its own. */
export function spawnCli(args: readonly string[], environment: Environment, input: CliInput = {}): RunningCli {
  const child = spawn(process.execPath, [input.program ?? CLI, ...args], {
    env: { ...basics(), ...environment, ...input.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input.stdin ?? '');
  const ended = once(child, 'close').then(([code]): CliResult => ({
    code: (code as number | null) ?? -1,
    stdout,
    stderr,
  }));
  return { child, output: () => stdout + stderr, ended };
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  /** Its log so far. */
  log(): string;
  /** Ends it by a signal and waits for its end. Does nothing where it has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts `syncline worker` and waits until it polls. */
export async function spawnWorker(
  environment: Environment,
  args: readonly string[] = [],
  input: Pick<CliInput, 'program'> = {},
): Promise<WorkerProcess> {
  const running = spawnCli(['worker', ...args], environment, input);
  const { child } = running;
  await until('a worker is ready', async () => {
    if (hasEnded(child)) return true;
    return running.output().includes('worker is ready') || undefined;
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  if (hasEnded(child)) throw new Error(`the worker has ended:\n${running.output()}`);
  return {
    child,
    log: () => running.output(),
    async end(signal) {
      child.kill(signal);
      await running.ended;
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** What a command finds in its environment whatever it is given: what a process needs. */
export function basics(): Environment {
  const names = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
