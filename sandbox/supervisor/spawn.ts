import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLogTail } from '../../programs/log-tail.ts';
import {
  reportSchema,
  type Order,
  type Report,
  type SandboxDescription,
  type SupervisorAction,
  type SupervisorSettings,
} from './protocol.ts';

/** The owner's end of a supervisor whose sandbox is ready. */
export interface Supervisor {
  readonly description: SandboxDescription;
  readonly pid: number;
  /** The servers' pids at this moment. */
  readonly pids: () => Readonly<Record<string, number>>;
  /** Asks for something and resolves when it is done; throws when it fails or the supervisor ends. */
  readonly request: (action: Exclude<SupervisorAction, 'stop'>) => Promise<void>;
  /** Asks it to stop everything; resolves when its process has ended. */
  stop(): Promise<void>;
  /** Resolves when its process has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/**
 * Starts the supervisor's process, in a session of its own, and waits until its sandbox is ready.
 *
 * @throws Error with what went wrong; by then everything has been stopped
 */
export async function spawnSupervisor(
  settings: SupervisorSettings,
  onProgress: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<Supervisor> {
  const child = spawnProcess(settings.stateDir);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const inbox = openInbox(child);
  const order = (message: Order): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  const stop = async (): Promise<void> => {
    child.ref();
    order({ kind: 'request', id: 0, action: 'stop' });
    await ended;
  };
  const onAbort = (): void => void stop();
  signal?.addEventListener('abort', onAbort, { once: true });
  inbox.onReport((report) => {
    if (report.kind === 'progress') onProgress(report.text);
  });
  try {
    order({ kind: 'start', settings });
    const ready = await untilReady(inbox, ended, settings);
    signal?.throwIfAborted();
    return { ...openDesk(child, inbox, ready, ended, order), stop, ended };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The part of a supervisor that answers questions once its sandbox is ready. */
function openDesk(
  child: ChildProcess,
  inbox: Inbox,
  ready: Extract<Report, { kind: 'ready' }>,
  ended: Promise<void>,
  order: (message: Order) => void,
): Pick<Supervisor, 'description' | 'pid' | 'pids' | 'request'> {
  let { pids } = ready;
  release(child);
  return {
    description: ready.description,
    pid: child.pid ?? 0,
    pids: () => pids,
    request: async (action) => {
      child.channel?.ref();
      const asking = inbox.ask((id) => order({ kind: 'request', id, action }), ended);
      pids = await asking.finally(() => child.channel?.unref());
    },
  };
}

function spawnProcess(stateDir: string): ChildProcess {
  // Beside this file, with its extension: .ts when run from source, .js when compiled.
  const entry = fileURLToPath(new URL(`./main${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
  const log = openSync(join(stateDir, 'supervisor.log'), 'a', 0o600);
  try {
    return spawn(process.execPath, ['--max-old-space-size=256', entry], {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      // Node's own options are the owner's business (a debugger, a test runner's loader).
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  } finally {
    closeSync(log);
  }
}

/** A sandbox must not keep its owner's process from ending; its end is what stops the sandbox. */
function release(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

interface Inbox {
  onReport(listener: (report: Report) => void): () => void;
  ask(send: (id: number) => void, ended: Promise<void>): Promise<Readonly<Record<string, number>>>;
}

function openInbox(child: ChildProcess): Inbox {
  const listeners = new Set<(report: Report) => void>();
  child.on('message', (message) => {
    const report = reportSchema.safeParse(message);
    if (report.success) for (const listener of listeners) listener(report.data);
  });
  const onReport = (listener: (report: Report) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  let lastId = 0;
  return {
    onReport,
    ask: (send, ended) => {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const off = onReport((report) => {
          if (report.kind !== 'done' || report.id !== id) return;
          off();
          if (report.error === undefined) resolve(report.pids);
          else reject(new Error(report.error));
        });
        void ended.then(() => reject(new Error('the sandbox has stopped')));
        send(id);
      });
    },
  };
}

async function untilReady(
  inbox: Inbox,
  ended: Promise<void>,
  settings: SupervisorSettings,
): Promise<Extract<Report, { kind: 'ready' }>> {
  return new Promise((resolve, reject) => {
    const off = inbox.onReport((report) => {
      if (report.kind === 'ready') {
        off();
        resolve(report);
      }
      if (report.kind === 'failed') {
        off();
        reject(new Error(`the sandbox could not be started: ${report.message}`));
      }
    });
    void ended.then(async () => {
      const tail = await readLogTail(join(settings.stateDir, 'supervisor.log'));
      reject(new Error(`the sandbox's supervisor ended before the sandbox was ready\n${tail}`));
    });
  });
}
