import { setTimeout as delay } from 'node:timers/promises';
import type { SyncHandle } from '../../client/handle.ts';
import { NotFound } from '../../client/errors.ts';
import type { HookLog, LogOptions } from '../../client/reports/hook-reports.ts';
import { selectHook } from '../../client/reports/hook-selection.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { withoutTime } from '../live-logs.ts';
import type { Registration } from '../registration.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, countFlag, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';
import { unseen } from '../unseen-lines.ts';

type LogsFlags = PlaceFlags &
  KubeconfigFlags &
  OutputFlags & { readonly container?: string; readonly attempt?: number; readonly follow: boolean };
type LiveLog = Extract<HookLog, { readonly live: true }>;
type KeptLog = Extract<HookLog, { readonly live: false }>;

/** How often the log of a hook that runs is read on, ms. */
const EVERY_MS = 500;

/** `syncline logs APP HOOK`: live from the cluster while the hook runs, from what was kept afterwards. */
export function registerLogs({ program, console, end }: Registration): void {
  const command = program
    .command('logs <app> <hook>')
    .description("print a hook's log: live while it runs, what was kept of it afterwards")
    .option('-c, --container <name>', 'only this container')
    .option('--attempt <number>', 'an earlier attempt', countFlag)
    .option('-f, --follow', 'go on while the hook runs', false);
  withOutput(withKubeconfig(withPlace(command))).action(async (application: string, name: string, flags: LogsFlags) => {
    await withClient(flags, console, async (client) => {
      const cluster = clusterName(flags, console.env);
      const latest = client.handle(application, { cluster });
      // While a log is followed, the next sync may become the latest one.
      const { runId } = flags.follow ? await latest.status({ signal: console.interrupted }) : { runId: '' };
      const handle = runId === '' ? latest : client.handle(application, { cluster, runId });
      await print(handle, name, flags, console);
    });
    end(EXIT.succeeded);
  });
}

async function print(handle: SyncHandle, name: string, flags: LogsFlags, console: Console): Promise<void> {
  const signal = console.interrupted;
  const { container, attempt } = flags;
  const options = {
    signal,
    ...(container === undefined ? {} : { container }),
    ...(attempt === undefined ? {} : { attempt }),
  };
  const first = await handle.logs(name, options);
  if (flags.output === 'json' && !(first.live && flags.follow)) {
    const { live, containers } = first;
    console.print(JSON.stringify({ version: 1, attempt: first.attempt, live, containers }, undefined, 2));
    return;
  }
  if (!first.live) {
    printKept(first, console);
    return;
  }
  if (first.containers.every(({ lines }) => lines.length === 0) && !flags.follow) {
    console.tell(`${first.state}: it has written nothing yet`);
  }
  const printed = new Map<string, readonly string[]>();
  for (let log: HookLog | undefined = first; log?.live !== false; log = await readOn(handle, name, options)) {
    if (log !== undefined) printUnseen(log, printed, console);
    if (!flags.follow) return;
    await delay(EVERY_MS, undefined, { signal });
  }
}

/** The log of a hook that ran a moment ago; undefined while nobody tells of it, as when another worker takes it over, or one that stops it. */
async function readOn(handle: SyncHandle, name: string, options: LogOptions): Promise<HookLog | undefined> {
  try {
    return await handle.logs(name, options);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    const { status } = await handle.status(options);
    if (selectHook(status, name).hook.state === 'running') return undefined;
    // It may have ended between the two.
    return handle.logs(name, options);
  }
}

function printKept({ attempt, message, containers }: KeptLog, console: Console): void {
  for (const { pod, container, state, log } of containers) {
    if (containers.length > 1) console.tell(console.style.dim(`--- pod ${pod}, container ${container}: ${state}`));
    if (log.truncated)
      console.tell(console.style.dim(`--- the last ${log.lines.length} of ${log.total ?? 'more'} lines were kept`));
    for (const line of log.lines) console.print(line);
  }
  if (containers.length > 0 && containers.every(({ log }) => log.lines.length === 0))
    console.tell(
      `it has written nothing: ${containers.map(({ container, state }) => `${container} ${state}`).join(', ')}`,
    );
  if (containers.length === 0) console.tell(`no container of attempt ${attempt} was kept: ${message}`);
}

function printUnseen({ containers }: LiveLog, printed: Map<string, readonly string[]>, console: Console): void {
  for (const { container, lines } of containers) {
    for (const line of unseen(printed.get(container) ?? [], lines)) {
      const text = withoutTime(line);
      console.print(containers.length > 1 ? `${container} | ${text}` : text);
    }
    printed.set(container, lines);
  }
}
