import { spawn, type ChildProcess } from 'node:child_process';
import { residentMemory } from './resident-memory.ts';

/** A program to run to its end, and how much it may say. */
export interface BoundedRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the program; nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>;
  /** The most bytes of standard output; a program that writes more is stopped. */
  readonly maxOutputBytes: number;
  /** The most memory the program itself may have resident, in bytes; one that has more is stopped. */
  readonly maxMemoryBytes: number;
}

/** How a bounded run ended. */
export type BoundedEnd =
  | { readonly kind: 'succeeded'; readonly stdout: Buffer; readonly stderr: string }
  /** `code` is undefined where a signal ended it. */
  | { readonly kind: 'failed'; readonly code: number | undefined; readonly stderr: string }
  | { readonly kind: 'said-too-much' }
  | { readonly kind: 'grew-too-large' };

/** Enough of what a program says of its failure, whatever it repeats. */
const STDERR_BYTES = 16 * 1024;
const GRACE_MS = 300;

/** How often a program's memory is looked at: within this time it can't grow by much more than a gigabyte. */
const LOOK_MS = 100;

/**
 * Runs a program in a process group of its own, without standard input. However the run is given up (the signal aborts,
 * it says too much or grows too large, this process exits), the whole group is ended, and is gone when this returns or throws.
 *
 * @throws the signal's reason when it aborts; Error when the program can't be started
 */
export async function runBounded(run: BoundedRun, signal: AbortSignal): Promise<BoundedEnd> {
  signal.throwIfAborted();
  const child = spawn(run.file, run.args, {
    cwd: run.cwd,
    env: { ...run.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const group = groupOf(child);
  signal.addEventListener('abort', group.end, { once: true });
  process.once('exit', group.kill);
  const size = watchMemory(child, run.maxMemoryBytes, group.kill);
  try {
    const said = listen(child, run.maxOutputBytes, group.end);
    const code = await ended(child);
    if (group.isEnding()) group.kill();
    signal.throwIfAborted();
    if (size.tooLarge()) return { kind: 'grew-too-large' };
    if (said.tooMuch()) return { kind: 'said-too-much' };
    const stderr = said.stderr();
    return code === 0 ? { kind: 'succeeded', stdout: said.stdout(), stderr } : { kind: 'failed', code, stderr };
  } finally {
    group.forget();
    size.forget();
    signal.removeEventListener('abort', group.end);
    process.removeListener('exit', group.kill);
  }
}

/** The process group of a child, and the ways to end it: asked first, so that git removes its lock files. */
function groupOf(child: ChildProcess) {
  let insisting: NodeJS.Timeout | undefined;
  const send = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // Nobody of the group is left.
    }
  };
  const kill = (): void => send('SIGKILL');
  return {
    kill,
    end: (): void => {
      if (insisting !== undefined) return;
      send('SIGTERM');
      insisting = setTimeout(kill, GRACE_MS);
    },
    isEnding: (): boolean => insisting !== undefined,
    forget: (): void => clearTimeout(insisting),
  };
}

/** Looks at a child's memory from time to time, and stops it where that is too much: limits of the system's differ, or are none. */
function watchMemory(child: ChildProcess, maxBytes: number, stop: () => void) {
  let tooLarge = false;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking || child.pid === undefined) return;
    looking = true;
    const bytes = await residentMemory(child.pid);
    looking = false;
    if (bytes === undefined || bytes <= maxBytes || child.exitCode !== null) return;
    tooLarge = true;
    stop();
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return { tooLarge: (): boolean => tooLarge, forget: (): void => clearInterval(timer) };
}

function listen(child: ChildProcess, maxOutputBytes: number, stop: () => void) {
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  let outputBytes = 0;
  let errorBytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    outputBytes += chunk.length;
    if (outputBytes > maxOutputBytes) stop();
    else output.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    if (errorBytes < STDERR_BYTES) errors.push(chunk.subarray(0, STDERR_BYTES - errorBytes));
    errorBytes += chunk.length;
  });
  return {
    tooMuch: (): boolean => outputBytes > maxOutputBytes,
    stdout: (): Buffer => Buffer.concat(output),
    stderr: (): string => Buffer.concat(errors).toString('utf8'),
  };
}

/** The exit code, undefined for a signal; once the child is gone and all it said was read. */
function ended(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`${child.spawnfile} can't be started: ${cause.message}`, { cause })),
    );
    child.once('close', (code) => resolve(code ?? undefined));
  });
}
