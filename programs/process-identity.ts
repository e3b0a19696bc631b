import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process as it is told from a later one that was given the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in whatever form the system tells it; empty where the system tells nothing. */
  readonly started: string;
}

/** Looks up who has this pid now; `undefined` when nobody has (a zombie counts as nobody). */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  if (process.platform === 'linux') return identifyFromProc(pid);
  try {
    // macOS and the BSDs have no /proc; ps knows the start time to the second.
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const [state = '', ...started] = stdout.trim().split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : { pid, started: started.join(' ') };
  } catch {
    return isRunning(pid) ? { pid, started: '' } : undefined;
  }
}

/** Tells whether the very process that was recorded, and not a later owner of its pid, is still there. */
export async function isSameProcess(recorded: ProcessIdentity): Promise<boolean> {
  const present = await identifyProcess(recorded.pid);
  return present !== undefined && (present.started === recorded.started || present.started === '');
}

async function identifyFromProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    return state === 'Z' || state === 'X' ? undefined : { pid, started: `${await bootId()}:${fields[19] ?? ''}` };
  } catch {
    return undefined;
  }
}

/** Start times count from boot, so a pid file that outlived a reboot must not match. */
async function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
