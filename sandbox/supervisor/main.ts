import { orderSchema, type Report, type SupervisorSettings } from './protocol.ts';
import { createRunningSandbox, type RunningSandbox } from './running-sandbox.ts';
import { recordSupervisor, releaseStateFolder } from '../processes/state-folders.ts';

/*
 * The supervisor's process. It is in a session of its own, so Ctrl-C in the owner's terminal does not reach it or
 * its servers; it learns of its owner's end, however that came, by the end of their channel.
 */

interface Supervision {
  readonly settings: SupervisorSettings;
  readonly sandbox: RunningSandbox;
  readonly cancel: AbortController;
  /** The start, with its failure swallowed; nothing is spawned any more once it has settled. */
  readonly started: Promise<unknown>;
}

let supervision: Supervision | undefined;
let stopping: Promise<void> | undefined;

process.on('message', (message) => {
  const order = orderSchema.safeParse(message);
  if (!order.success) return;
  if (order.data.kind === 'start') void start(order.data.settings);
  else if (order.data.action === 'stop') void stop();
  else void act(order.data.id, order.data.action);
});
process.on('disconnect', () => {
  if (supervision?.settings.detach !== true) void stop();
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop());
process.on('uncaughtException', (error) => {
  console.error(error);
  void stop();
});

async function start(settings: SupervisorSettings): Promise<void> {
  const sandbox = createRunningSandbox(settings, (text) => report({ kind: 'progress', text }));
  const cancel = new AbortController();
  // Sockets are named relative to the state folder: their paths have a limit of about 100 bytes.
  process.chdir(settings.stateDir);
  const starting = recordSupervisor(settings.stateDir, settings.keepState).then(() => sandbox.start(cancel.signal));
  supervision = { settings, sandbox, cancel, started: starting.catch(() => undefined) };
  try {
    const description = await starting;
    report({ kind: 'ready', description, pids: sandbox.pids() });
  } catch (error) {
    console.error(error);
    report({ kind: 'failed', message: explain(error) });
    await stop();
  }
}

async function act(id: number, action: Parameters<RunningSandbox['act']>[0]): Promise<void> {
  if (supervision === undefined) return;
  const { sandbox } = supervision;
  try {
    await sandbox.act(action);
    report({ kind: 'done', id, pids: sandbox.pids() });
  } catch (error) {
    report({ kind: 'done', id, error: explain(error), pids: sandbox.pids() });
  }
}

function stop(): Promise<void> {
  stopping ??= stopOnce();
  return stopping;
}

async function stopOnce(): Promise<void> {
  if (supervision !== undefined) {
    const { settings, sandbox, cancel, started } = supervision;
    cancel.abort(new Error('the sandbox is being stopped'));
    await started;
    await sandbox.stop().catch((error: unknown) => console.error(error));
    process.chdir('/');
    await releaseStateFolder(settings.stateDir, settings.keepState);
  }
  process.exit(0);
}

function report(message: Report): void {
  if (process.connected) process.send?.(message, () => undefined);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\ncaused by: ${explain(error.cause)}`;
}
