import type { Command } from 'commander';
import { digestOf } from '../../bundles/digest.ts';
import { shortDigest } from '../../client/request.ts';
import { checkApplication, checkCluster, checkNamespace } from '../../client/validation.ts';
import { encodeBundle } from '../../core/manifests/bundle.ts';
import type { SyncOptions } from '../../core/sync/request.ts';
import type { Console } from '../console.ts';
import { describeDryRun } from '../dry-run.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import type { ReadManifests } from '../manifests.ts';
import { readPlan } from '../manifests.ts';
import { commandNames } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import { renderPlan } from '../render/plan.ts';
import {
  clusterName,
  countFlag,
  durationFlag,
  noWorker,
  requester,
  withClient,
  withKubeconfig,
  withOutput,
  withPlace,
} from '../settings.ts';
import type { WatchFlags } from '../watching.ts';
import { statusJson, watchToEnd } from '../watching.ts';

type SyncFlags = WatchFlags & {
  readonly app: string;
  readonly namespace: string;
  readonly createNamespace: boolean;
  readonly revision?: string;
  readonly detach: boolean;
  readonly timeout?: number;
  readonly dryRun: boolean;
  readonly prune: boolean;
  readonly allowEmpty: boolean;
  readonly maxPrune?: number;
  readonly forceConflicts: boolean;
  readonly validate: boolean;
  readonly wait: boolean;
  readonly lenient: boolean;
  readonly takeOver: boolean;
  readonly syncFailOnAbort: boolean;
};

/** `syncline sync PATH --app NAME`: plan, start, follow. */
export function registerSync({ program, console, end }: Registration): void {
  const command = program
    .command('sync <path>')
    .description('sync the manifests of a folder, a file or standard input (-) and follow it to its end')
    .requiredOption('--app <name>', 'the application')
    .option('-n, --namespace <name>', 'destination namespace, and home of the record', 'default')
    .option('--create-namespace', 'create that namespace where it is missing', false)
    .option('--revision <text>', "what to call these manifests, e.g. a commit (else their digest's first characters)");
  withOutput(withKubeconfig(withPlace(withChoices(command)))).action(async (path: string, flags: SyncFlags) => {
    end(await sync(path, flags, console));
  });
}

function withChoices(command: Command): Command {
  return command
    .option('--dry-run', 'plan and validate against the cluster, change nothing', false)
    .option('--prune', 'delete what the application owns and the manifests no longer have', false)
    .option('--allow-empty', 'let a sync prune everything the application owns', false)
    .option('--max-prune <count>', 'the most objects to prune', countFlag)
    .option('--force-conflicts', 'take fields over that another manager owns', false)
    .option('--no-validate', 'skip the server-side dry run of everything before anything is changed')
    .option('--no-wait', 'do not wait for the health of the last wave')
    .option('--lenient', 'read misspelled annotations as Argo CD does, with a warning', false)
    .option('--take-over', 'take the record over from another Temporal that holds it', false)
    .option('--sync-fail-on-abort', 'run SyncFail hooks when the sync is aborted too', false)
    .option('--detach', 'end once the sync is accepted', false)
    .option('--timeout <duration>', 'end the sync after so long, e.g. 30m', durationFlag)
    .option('--wait-timeout <duration>', 'stop watching after so long; the sync goes on', durationFlag);
}

async function sync(path: string, flags: SyncFlags, console: Console): Promise<ExitCode> {
  const cluster = clusterName(flags, console.env);
  checkApplication(flags.app);
  checkCluster(cluster);
  checkNamespace(flags.namespace);
  const json = flags.output === 'json';
  const say = json ? console.tell : console.print;
  const read = await readPlan(path, flags, console);
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
        options: optionsOf(flags),
        ...(flags.revision === undefined ? {} : { revision: flags.revision }),
      },
      { signal: console.interrupted },
    );
    for (const warning of handle.warnings) console.tell(`${console.style.yellow('warning')}: ${warning}`);
    const watch = { client, handle, console, flags, again: again(path, flags) };
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

function optionsOf(flags: SyncFlags): SyncOptions {
  const { dryRun, prune, allowEmpty, maxPrune, wait, lenient, forceConflicts, validate, syncFailOnAbort, takeOver } =
    flags;
  return {
    ...{ dryRun, prune, allowEmpty, wait, lenient, forceConflicts, validate, syncFailOnAbort, takeOver },
    ...(maxPrune === undefined ? {} : { maxPrune }),
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
  };
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
function again(path: string, flags: SyncFlags): string {
  const namespace = flags.namespace === 'default' ? '' : ` -n ${flags.namespace}`;
  return `syncline sync ${path} --app ${flags.app}${namespace}${commandNames(flags).flags}${flags.prune ? ' --prune' : ''}`;
}
