import type { SynclineClient } from '../client/syncline-client.ts';
import type { SyncHandle } from '../client/handle.ts';
import type { SyncStateReport } from '../client/reports/sync-state-report.ts';
import type { SyncView } from '../client/following/view.ts';
import type { Console } from './console.ts';
import { describeEnding, outcomeCode } from './ending.ts';
import type { ExitCode } from './exit-codes.ts';
import { EXIT } from './exit-codes.ts';
import { follow } from './following.ts';
import { liveLogs, NO_LOGS } from './live-logs.ts';
import { commandNames } from './next-commands.ts';
import { formatDuration } from './render/times.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from './settings.ts';
import { uiAddress } from './settings.ts';

/** The flags of a command that watches a sync. */
export type WatchFlags = PlaceFlags & KubeconfigFlags & OutputFlags & { readonly waitTimeout?: number };

/** What is watched, and with what. */
export interface Watch {
  readonly client: SynclineClient;
  readonly handle: SyncHandle;
  readonly console: Console;
  readonly flags: WatchFlags;
  /** The command line that started the sync, where it is known. */
  readonly again?: string;
}

/** Watches a sync to its end, says how it ended, and answers the exit code. Ctrl-C and `--wait-timeout` end the watching alone. */
export async function watchToEnd(watch: Watch): Promise<ExitCode> {
  const { client, handle, console, flags } = watch;
  const json = flags.output === 'json';
  const names = commandNames(flags);
  const again = `syncline status ${handle.application}${chosen(handle)} --watch${names.flags}`;
  const left = flags.waitTimeout === undefined ? [] : [AbortSignal.timeout(flags.waitTimeout)];
  const signal = AbortSignal.any([console.interrupted, ...left]);
  const repaints = !json && console.screen !== undefined;
  const link = linkTo(client, handle, console);
  const followed = await follow(handle, console, {
    json,
    signal,
    application: handle.application + names.flags,
    footer: `Ctrl-C leaves the sync running · follow again with: ${again}`,
    logs: repaints ? liveLogs(handle, signal, console.now) : NO_LOGS,
    ...(link === undefined ? {} : { link }),
  });
  if (followed.kind === 'left') {
    if (json && followed.view !== undefined) console.print(statusJson(followed.view));
    return leftBehind(watch, again);
  }
  const context = { client, console, names, ...(watch.again === undefined ? {} : { again: watch.again }) };
  const words = await describeEnding(followed.view, context);
  if (json) console.print(statusJson(followed.view));
  (json ? console.tell : console.print)(repaints ? `\n${words}` : words);
  const code = outcomeCode(followed.view.result ?? { outcome: 'Failed' });
  if (code !== EXIT.succeeded && !json) console.print(`exit code ${code}`);
  return code;
}

function chosen({ syncId }: SyncHandle): string {
  return syncId === undefined ? '' : ` --sync ${syncId}`;
}

function leftBehind({ handle, console, flags }: Watch, again: string): ExitCode {
  const timedOut = !console.interrupted.aborted;
  const limit = flags.waitTimeout === undefined ? '' : ` after ${formatDuration(flags.waitTimeout)}`;
  console.tell(
    `${timedOut ? `stopped watching${limit}` : 'stopped watching'}: the sync of ${handle.application} goes on`,
  );
  console.tell(`  follow again  ${again}`);
  console.tell(`  end it        syncline abort ${handle.application}${chosen(handle)}${commandNames(flags).flags}`);
  return timedOut ? EXIT.waitTimedOut : EXIT.interrupted;
}

/** The document of `-o json` for one sync: its status, or its result once it is over, and what more is known. */
export function statusJson(view: SyncView, more: { readonly syncState?: SyncStateReport } = {}): string {
  const { result, status, work, waiting, stale } = view;
  const running = result === undefined ? { stale, waiting, progress: work.flatMap((each) => each.progress ?? []) } : {};
  return JSON.stringify(
    { ...(result ?? status), workflowId: view.workflowId, runId: view.runId, ...running, ...more },
    undefined,
    2,
  );
}

/** Address of the sync in Temporal's UI, where it is known where that is. */
function linkTo(client: SynclineClient, handle: SyncHandle, console: Console): string | undefined {
  const ui = uiAddress(console.env);
  if (ui === undefined || client.place.kind !== 'temporal') return undefined;
  return `${ui}/namespaces/${client.place.namespace}/workflows/${encodeURIComponent(handle.workflowId)}`;
}
