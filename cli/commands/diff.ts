import type { SynclineClient } from '../../client/syncline-client.ts';
import type { Comparison } from '../../client/starting/comparison.ts';
import type { SyncOrder } from '../../client/starting/request.ts';
import { shortDigest } from '../../core/manifests/bundle.ts';
import { failure } from '../../core/failures.ts';
import { differs } from '../../core/diff/sync-diff.ts';
import { compareAndShow } from '../comparing.ts';
import type { Console } from '../console.ts';
import { diffJson } from '../diff-json.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import type { Ignored } from '../flags/ignore-flags.ts';
import { ignoredOf } from '../flags/ignore-flags.ts';
import { commandLine, headline, orderOf, readFor, unrendered, withSubject } from '../order.ts';
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
import type { RenderingFlags } from '../flags/server-flags.ts';
import { rendersOnServer, withRendering } from '../flags/server-flags.ts';
import { selectionOf } from '../flags/selection-flags.ts';
import { SOURCE_OR_NAME } from '../flags/source-flags.ts';
import type { ApplicationFlags, PlanningFlags } from '../flags/sync-flags.ts';
import { planningOptionsOf, withApplication, withPlanning } from '../flags/sync-flags.ts';
import type { WatchFlags } from '../watching.ts';

type DiffFlags = WatchFlags & ApplicationFlags & PlanningFlags & RenderingFlags;

/** `syncline diff [SOURCE] --app NAME`, or `syncline diff NAME` of a kept application: what a sync would change. */
export function registerDiff({ program, console, end }: Registration): void {
  const command = program
    .command('diff')
    .argument('[source]', SOURCE_OR_NAME)
    .description(
      "show what a sync of a source would change, or, without one, how the cluster differs from the application's latest sync; exit code 6 when something differs",
    )
    .option('--wait-timeout <duration>', 'stop waiting after so long', durationFlag);
  withOutput(withKubeconfig(withPlace(withRendering(withPlanning(withApplication(command)))))).action(
    async (source: string | undefined, flags: DiffFlags) => {
      end(await diff(source, flags, console));
    },
  );
}

async function diff(argument: string | undefined, flags: DiffFlags, console: Console): Promise<ExitCode> {
  const say = flags.output === 'json' ? console.tell : console.print;
  const ignored = await ignoredOf(flags);
  const again = commandLine('diff', argument, flags);
  const compare = async (client: SynclineClient, order: SyncOrder): Promise<ExitCode> => {
    const compared = await compareAndShow({ client, order, console, flags, again, json: diffJson });
    return typeof compared === 'number' ? compared : codeOf(compared);
  };
  const byServer = rendersOnServer(flags, console);
  if (argument === undefined) {
    if (byServer) throw nothingToRender();
    const application = namedOf(flags);
    return withClient(flags, console, async (client) => {
      const order = await latestOrder(client, application, flags, ignored, console);
      say(latestHeadline(order, console));
      return compare(client, order);
    });
  }
  const options = { ...planningOptionsOf(flags), ...ignored };
  return withSubject(argument, flags, options, console, async (subject, connected) => {
    if (byServer) {
      const { order, headline: told } = unrendered(subject, flags, console);
      say(told);
      return connected((client) => compare(client, order));
    }
    const read = await readFor(subject, flags, console);
    say(headline(subject, read, console, 'compared'));
    return connected((client) => compare(client, orderOf(subject, read, flags, console)));
  });
}

/** The order of the latest sync, in full; what this command line says of pruning, selection and ignored fields goes before what that sync was told. */
async function latestOrder(
  client: SynclineClient,
  application: string,
  flags: DiffFlags,
  ignored: Ignored,
  console: Console,
): Promise<SyncOrder> {
  const cluster = clusterName(flags, console.env);
  const order = await client.latestOrder(application, { cluster, signal: console.interrupted });
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

function namedOf({ app }: DiffFlags): string {
  if (app !== undefined) return app;
  throw failure('InvalidRequest', 'nothing is named that could be compared', {
    remedy: 'give a source and --app, an application that is kept, or --app alone for its latest sync',
  });
}

function nothingToRender() {
  return failure('InvalidRequest', 'the latest sync has been rendered, and is compared as it was', {
    remedy: 'give a source or the name of an application that is kept, or leave --render-on-server out',
  });
}

function latestHeadline({ application, cluster, namespace, bundle = '', revision }: SyncOrder, { style }: Console) {
  const synced = `bundle ${shortDigest(bundle)}${revision === undefined ? '' : `, revision ${revision}`}`;
  return `${style.bold(application)} → cluster ${cluster}, namespace ${namespace}, as last synced (${synced})`;
}

function codeOf({ diff: found }: Comparison): ExitCode {
  return found !== undefined && differs(found.counts) ? EXIT.differs : EXIT.succeeded;
}
