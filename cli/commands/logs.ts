import type { SynclineClient } from '../../client/client.ts';
import type { SyncView } from '../../client/view.ts';
import type { HookEvidence } from '../../core/evidence/evidence.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { keptEvidence, progressOf } from '../hook-records.ts';
import type { PlacedHook } from '../hook-selection.ts';
import { selectHook } from '../hook-selection.ts';
import { podLogs, unseen } from '../pod-logs.ts';
import type { Registration } from '../registration.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, countFlag, openCluster, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';

type LogsFlags = PlaceFlags &
  KubeconfigFlags &
  OutputFlags & { readonly container?: string; readonly attempt?: number; readonly follow: boolean };

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
      const handle = client.handle(application, { cluster: clusterName(flags, console.env) });
      const view = await handle.status({ signal: console.interrupted });
      const hook = selectHook(view.status, name);
      const live = flags.attempt === undefined && progressOf(view, hook)?.pod !== undefined;
      if (!live) {
        printKept(await keptEvidence(client, view, hook, flags.attempt, console.interrupted), flags, console);
        return;
      }
      const cluster = await openCluster(flags, view.status.cluster);
      try {
        await printLive(
          { client, views: () => handle.status({ signal: console.interrupted }), cluster, hook, flags, console },
          view,
        );
      } finally {
        await cluster.close();
      }
    });
    end(EXIT.succeeded);
  });
}

function printKept(evidence: HookEvidence, flags: LogsFlags, console: Console): void {
  const containers = evidence.containers.filter(({ container }) => (flags.container ?? container) === container);
  if (flags.output === 'json') {
    console.print(JSON.stringify({ version: 1, attempt: evidence.attempt, live: false, containers }, undefined, 2));
    return;
  }
  for (const { pod, container, state, log } of containers) {
    if (evidence.containers.length > 1)
      console.tell(console.style.dim(`--- pod ${pod}, container ${container}: ${state}`));
    if (log.truncated)
      console.tell(console.style.dim(`--- the last ${log.lines.length} of ${log.total ?? 'more'} lines were kept`));
    for (const line of log.lines) console.print(line);
  }
  if (containers.length > 0 && containers.every(({ log }) => log.lines.length === 0))
    console.tell(
      `it has written nothing: ${containers.map(({ container, state }) => `${container} ${state}`).join(', ')}`,
    );
  if (containers.length === 0)
    console.tell(`no container of attempt ${evidence.attempt} was kept: ${evidence.message}`);
}

interface LiveLog {
  readonly client: SynclineClient;
  readonly views: () => Promise<SyncView>;
  readonly cluster: Cluster;
  readonly hook: PlacedHook;
  readonly flags: LogsFlags;
  readonly console: Console;
}

async function printLive(live: LiveLog, first: SyncView): Promise<void> {
  const { cluster, hook, flags, console } = live;
  const printed = new Map<string, readonly string[]>();
  for (
    let view: SyncView | undefined = first;
    view !== undefined;
    view = flags.follow ? await live.views() : undefined
  ) {
    const pod = progressOf(view, hook)?.pod;
    if (pod === undefined) return;
    const logs = await podLogs(cluster, pod, flags.container, console.interrupted);
    if (flags.output === 'json' && !flags.follow) {
      console.print(
        JSON.stringify({ version: 1, attempt: hook.hook.attempt ?? 1, live: true, containers: logs }, undefined, 2),
      );
      return;
    }
    if (logs.every(({ lines }) => lines.length === 0) && !flags.follow) {
      console.tell(`${progressOf(view, hook)?.state ?? `pod ${pod.name}`}: it has written nothing yet`);
    }
    for (const { container, lines } of logs) {
      for (const line of unseen(printed.get(container) ?? [], lines)) {
        const text = line.replace(/^\S+ ?/, '');
        console.print(logs.length > 1 ? `${container} | ${text}` : text);
      }
      printed.set(container, lines);
    }
  }
}
