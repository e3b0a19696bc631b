import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** How to run one server. */
export interface ServerCommand {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
}

/** How a server ended. */
export interface ServerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it had been asked to. */
  readonly asked: boolean;
}

/** A server that was started. */
export interface ServerProcess {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  /** Resolves when it has ended, however that came; never rejects. */
  readonly ended: Promise<ServerEnd>;
  /** The end, once there is one. */
  hasEnded(): boolean;
  /** Asks it to end, insists after the grace period, and resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts a server with its output in its log file, in this process's own session.
 *
 * @throws Error when the program cannot be started at all
 */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const log = openSync(command.logPath, 'a', 0o600);
  try {
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ['ignore', log, log],
    });
    let asked = false;
    const ended = watchEnd(child, () => asked);
    await started(child, command);
    return describe(child, command, ended, () => (asked = true));
  } finally {
    closeSync(log);
  }
}

function watchEnd(child: ChildProcess, wasAsked: () => boolean): Promise<ServerEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal, asked: wasAsked() }));
    child.once('error', () => resolve({ code: null, signal: null, asked: wasAsked() }));
  });
}

async function started(child: ChildProcess, command: ServerCommand): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`${command.name} cannot be started (${command.file})`, { cause })));
  });
}

function describe(
  child: ChildProcess,
  command: ServerCommand,
  ended: Promise<ServerEnd>,
  onAsk: () => void,
): ServerProcess {
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command.name} has no pid`);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    name: command.name,
    pid,
    logPath: command.logPath,
    ended,
    hasEnded,
    stop: async (graceMs) => {
      if (hasEnded()) return;
      onAsk();
      child.kill(graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
      const insist = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(insist);
    },
  };
}
