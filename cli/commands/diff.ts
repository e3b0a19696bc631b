import type { SynclineClient } from '../../client/client.ts';
import type { Comparison } from '../../client/comparison.ts';
import type { SyncOrder } from '../../client/request.ts';
import { shortDigest } from '../../client/request.ts';
import { differs } from '../../core/diff/sync-diff.ts';
import { compareAndShow } from '../comparing.ts';
import type { Console } from '../console.ts';
import { diffJson } from '../diff-json.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import type { Ignored } from '../ignore-flags.ts';
import { ignoredOf } from '../ignore-flags.ts';
import { checkSubject, commandLine, headline, orderOf, readFor } from '../order.ts';
import type { Registration } from '../registration.ts';
import {
  clusterName,
  durationFlag,
  requester,
  withClient,
  withKubeconfig,
  withOutput,
  withPlace,
} from '../settings.ts';
import { selectionOf } from '../selection-flags.ts';
import { SOURCE_ARGUMENT } from '../source-flags.ts';
import type { ApplicationFlags, PlanningFlags } from '../sync-flags.ts';
import { planningOptionsOf, withApplication, withPlanning } from '../sync-flags.ts';
import type { WatchFlags } from '../watching.ts';

type DiffFlags = WatchFlags & ApplicationFlags & PlanningFlags;

/** `syncline diff [SOURCE] --app NAME`: what a sync would change. */
export function registerDiff({ program, console, end }: Registration): void {
  const command = program
    .command('diff')
    .argument('[source]', SOURCE_ARGUMENT)
    .description(
      "show what a sync of a source would change, or, without one, how the cluster differs from the application's latest sync; exit code 6 when something differs",
    )
    .option('--wait-timeout <duration>', 'stop waiting after so long', durationFlag);
  withOutput(withKubeconfig(withPlace(withPlanning(withApplication(command))))).action(
    async (source: string | undefined, flags: DiffFlags) => {
      end(await diff(source, flags, console));
    },
  );
}

async function diff(source: string | undefined, flags: DiffFlags, console: Console): Promise<ExitCode> {
  checkSubject(flags, console);
  const say = flags.output === 'json' ? console.tell : console.print;
  const read = source === undefined ? undefined : await readFor(source, flags, console);
  const ignored = await ignoredOf(flags);
  const again = commandLine('diff', source, flags);
  return withClient(flags, console, async (client) => {
    const order =
      read === undefined
        ? await latestOrder(client, flags, ignored, console)
        : { ...orderOf(flags, read, console), options: { ...planningOptionsOf(flags), ...ignored } };
    say(read === undefined ? latestHeadline(order, console) : headline(flags, read, console, 'compared'));
    const compared = await compareAndShow({ client, order, console, flags, again, json: diffJson });
    return typeof compared === 'number' ? compared : codeOf(compared);
  });
}

/** The order of the latest sync, in full; what this command line says of pruning, selection and ignored fields goes before what that sync was told. */
async function latestOrder(
  client: SynclineClient,
  flags: DiffFlags,
  ignored: Ignored,
  console: Console,
): Promise<SyncOrder> {
  const cluster = clusterName(flags, console.env);
  const order = await client.latestOrder(flags.app, { cluster, signal: console.interrupted });
  const { prune, allowEmpty, forceConflicts } = flags;
  const { selection: _part, ...told } = order.options ?? {};
  const options = {
    ...told,
    prune,
    allowEmpty,
    ...selectionOf(flags),
    ...ignored,
    ...(forceConflicts ? { forceConflicts } : {}),
  };
  return { ...order, requestedBy: requester(console.env), options };
}

function latestHeadline({ application, cluster, namespace, bundle = '', revision }: SyncOrder, { style }: Console) {
  const synced = `bundle ${shortDigest(bundle)}${revision === undefined ? '' : `, revision ${revision}`}`;
  return `${style.bold(application)} → cluster ${cluster}, namespace ${namespace}, as last synced (${synced})`;
}

function codeOf({ diff: found }: Comparison): ExitCode {
  return found !== undefined && differs(found.counts) ? EXIT.differs : EXIT.succeeded;
}
