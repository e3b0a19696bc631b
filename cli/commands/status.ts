import type { SyncStateReport } from '../../client/reports/sync-state-report.ts';
import type { SyncView } from '../../client/following/view.ts';
import { describeSelection } from '../../core/selection/selection.ts';
import { describeEnding } from '../ending.ts';
import { EXIT } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { commandNames } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import { renderSyncState } from '../render/sync-state.ts';
import { dayAndTime } from '../render/times.ts';
import { renderTree } from '../render/tree.ts';
import { clusterName, durationFlag, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';
import type { ChosenFlags } from '../flags/turn-flags.ts';
import { chosenSync, withChosenSync } from '../flags/turn-flags.ts';
import type { Watch, WatchFlags } from '../watching.ts';
import { statusJson, watchToEnd } from '../watching.ts';

type StatusFlags = WatchFlags & ChosenFlags & { readonly watch: boolean };

/** `syncline status APP [--watch]`: where the latest sync stands, or stood at its end. */
export function registerStatus({ program, console, end }: Registration): void {
  const command = program
    .command('status <app>')
    .description(
      "show an application's latest sync; with --watch follow it to its end, with the exit code of its outcome",
    )
    .option('-w, --watch', 'follow it to its end', false)
    .option('--wait-timeout <duration>', 'stop watching after so long; the sync goes on', durationFlag);
  withOutput(withKubeconfig(withPlace(withChosenSync(command)))).action(
    async (application: string, flags: StatusFlags) => {
      const cluster = clusterName(flags, console.env);
      await withClient(flags, console, async (client) => {
        const handle = client.handle(application, { cluster, ...chosenSync(flags) });
        const watch = { client, handle, console, flags };
        end(flags.watch ? await watchToEnd(watch) : await show(watch));
      });
    },
  );
}

async function show(watch: Watch): Promise<ExitCode> {
  const { client, handle, console, flags } = watch;
  const view = await handle.status({ signal: console.interrupted });
  if (flags.output === 'json') {
    const syncState = await syncStateOf(watch);
    console.print(statusJson(view, { syncState }));
    return EXIT.succeeded;
  }
  console.print(origin(view));
  console.print(
    renderTree(view, {
      now: console.now(),
      width: console.width(),
      height: Infinity,
      style: console.style,
      logs: new Map(),
      application: handle.application + commandNames(flags).flags,
    }),
  );
  if (view.result !== undefined) {
    console.print(`\n${await describeEnding(view, { client, console, names: commandNames(flags) })}`);
    console.print(renderSyncState(await syncStateOf(watch), console.style));
  }
  return EXIT.succeeded;
}

/** How the cluster stands to what was synced last; not compared while a sync runs. */
function syncStateOf({ client, handle, console }: Watch): Promise<SyncStateReport> {
  return client.syncState(handle.application, { cluster: handle.cluster, signal: console.interrupted });
}

function origin({ status }: SyncView): string {
  const { cluster, namespace, revision, requestedBy, startedAt, selection } = status;
  const part = selection === undefined ? '' : ` · only ${describeSelection(selection)}`;
  return `cluster ${cluster}, namespace ${namespace} · revision ${revision} · started ${dayAndTime(startedAt)} by ${requestedBy}${part}`;
}
