import { digestOf } from '../../bundles/digest.ts';
import { shortDigest } from '../../client/request.ts';
import { checkApplication, checkCluster, checkNamespace } from '../../client/validation.ts';
import { encodeBundle } from '../../core/manifests/bundle.ts';
import { describeSelection } from '../../core/selection/selection.ts';
import type { Console } from '../console.ts';
import { describeDryRun } from '../dry-run.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import type { ReadManifests } from '../manifests.ts';
import { readPlan } from '../manifests.ts';
import { commandNames } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import { renderPlan } from '../render/plan.ts';
import { clusterName, noWorker, requester, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';
import { selectionOf } from '../selection-flags.ts';
import { SOURCE_ARGUMENT, sourceOptionsOf, sourceWords, withSource } from '../source-flags.ts';
import type { SyncFlags } from '../sync-flags.ts';
import { syncOptionsOf, withSyncOptions } from '../sync-flags.ts';
import { statusJson, watchToEnd } from '../watching.ts';

/** `syncline sync SOURCE --app NAME`: plan, start, follow. */
export function registerSync({ program, console, end }: Registration): void {
  const command = program
    .command('sync')
    .argument('<source>', SOURCE_ARGUMENT)
    .description('render a source, sync it and follow that to its end')
    .requiredOption('--app <name>', 'the application')
    .option('-n, --namespace <name>', 'destination namespace, and home of the record', 'default')
    .option('--create-namespace', 'create that namespace where it is missing', false)
    .option(
      '--revision <text>',
      "what to call these manifests, e.g. a commit (else the commit they are of, or their digest's first characters)",
    );
  const whole = withOutput(withKubeconfig(withPlace(withSyncOptions(withSource(command)))));
  whole.action(async (source: string, flags: SyncFlags) => {
    end(await sync(source, flags, console));
  });
}

async function sync(source: string, flags: SyncFlags, console: Console): Promise<ExitCode> {
  const cluster = clusterName(flags, console.env);
  checkApplication(flags.app);
  checkCluster(cluster);
  checkNamespace(flags.namespace);
  const json = flags.output === 'json';
  const say = json ? console.tell : console.print;
  const release = { application: flags.app, namespace: flags.namespace };
  const read = await readPlan(
    source,
    sourceOptionsOf(flags, release, console),
    { ...flags, ...selectionOf(flags) },
    console,
  );
  const revision = flags.revision ?? read.revision;
  say(headline(flags, cluster, read, console));
  say(`\n${renderPlan(read.plan, { width: console.width(), style: console.style })}\n`);
  return withClient(flags, console, async (client) => {
    say(console.style.dim(`Temporal ${client.temporal.address}, namespace ${client.temporal.namespace}`));
    if ((await client.workers({ signal: console.interrupted })).length === 0) throw noWorker(client.temporal);
    const handle = await client.sync(
      {
        manifests: read.manifests,
        application: flags.app,
        cluster,
        namespace: flags.namespace,
        createNamespace: flags.createNamespace,
        requestedBy: requester(console.env),
        options: syncOptionsOf(flags),
        ...(revision === undefined ? {} : { revision }),
      },
      { signal: console.interrupted },
    );
    for (const warning of handle.warnings) console.tell(`${console.style.yellow('warning')}: ${warning}`);
    const watch = { client, handle, console, flags, again: again(source, flags) };
    if (flags.detach) return detached(watch);
    return flags.dryRun ? describeDryRun(watch) : watchToEnd(watch);
  });
}

function headline(flags: SyncFlags, cluster: string, { manifests }: ReadManifests, { style }: Console): string {
  const digest = shortDigest(digestOf(new TextEncoder().encode(encodeBundle(manifests))));
  const counted = `${manifests.length} ${manifests.length === 1 ? 'object' : 'objects'}`;
  const dry = flags.dryRun ? ', dry run' : '';
  return `${style.bold(flags.app)} → cluster ${cluster}, namespace ${flags.namespace}, bundle ${digest} (${counted}${dry})`;
}

async function detached({ client, handle, console, flags }: Parameters<typeof watchToEnd>[0]): Promise<ExitCode> {
  if (flags.output === 'json') {
    console.print(statusJson(await handle.status({ signal: console.interrupted })));
  } else {
    const { address, namespace } = client.temporal;
    console.print(`accepted by Temporal ${address}, namespace ${namespace}, as ${handle.workflowId}`);
    console.print(`follow it with: syncline status ${handle.application} --watch${commandNames(flags).flags}`);
  }
  return EXIT.succeeded;
}

/** The command line that syncs again, as it would be typed. */
function again(source: string, flags: SyncFlags): string {
  const { selection } = selectionOf(flags);
  const words = [
    `syncline sync ${sourceWords(source, flags)} --app ${flags.app}`,
    ...(flags.namespace === 'default' ? [] : [`-n ${flags.namespace}`]),
    ...(selection === undefined ? [] : [describeSelection(selection)]),
  ];
  return `${words.join(' ')}${commandNames(flags).flags}${flags.prune ? ' --prune' : ''}`;
}
