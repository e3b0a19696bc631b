import type { SynclineClient } from '../../client/syncline-client.ts';
import { describePlace } from '../../client/connection/place.ts';
import { shortDigest } from '../../core/manifests/bundle.ts';
import { compareAndShow } from '../comparing.ts';
import type { Console } from '../console.ts';
import { detached } from '../detached.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import { commandNames } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import { selectionOf } from '../flags/selection-flags.ts';
import {
  clusterName,
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

type RollbackFlags = WatchFlags & {
  readonly namespace?: string;
  readonly skipHooks: boolean;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly detach: boolean;
};

/** `syncline rollback APP [ID]`: an ordinary sync of what an earlier sync has synced. */
export function registerRollback({ program, console, end }: Registration): void {
  const command = program
    .command('rollback')
    .argument('<application>', 'the application')
    .argument('[sync]', 'the number or ID of the sync to go back to (else the last success with other manifests)')
    .description('sync again what an earlier sync has synced: the same bytes, the options of that time, its hooks too')
    .option('-n, --namespace <name>', 'the namespace of its record (else wherever the cluster has it)')
    .option('--skip-hooks', 'run no hooks', false)
    .option('--prune', 'delete what the application owns and those manifests do not have', false)
    .option('--dry-run', 'show what would change, and change nothing', false)
    .option('--detach', 'end once the sync is accepted', false)
    .option('--wait-timeout <duration>', 'stop watching after so long; the sync goes on', durationFlag);
  withOutput(withKubeconfig(withPlace(command))).action(
    async (application: string, sync: string | undefined, flags: RollbackFlags) => {
      end(await withClient(flags, console, (client) => rollBack(client, application, sync, flags, console)));
    },
  );
}

async function rollBack(
  client: SynclineClient,
  application: string,
  sync: string | undefined,
  flags: RollbackFlags,
  console: Console,
): Promise<ExitCode> {
  const say = flags.output === 'json' ? console.tell : console.print;
  if ((await client.workers({ signal: console.interrupted })).length === 0) throw noWorker(client.place);
  const { dryRun, prune, skipHooks } = flags;
  const order = await client.rollbackOrder(application, {
    cluster: clusterName(flags, console.env),
    requestedBy: requester(console.env),
    signal: console.interrupted,
    ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
    ...(sync === undefined ? {} : { to: sync }),
    options: { dryRun, ...(prune ? { prune } : {}), ...selectionOf({ resource: [], onlyHooks: false, skipHooks }) },
  });
  const { cluster, namespace, revision = '', bundle = '', rollback } = order;
  say(
    `${console.style.bold(application)} → cluster ${cluster}, namespace ${namespace}: back to sync ${String(rollback?.number)}, revision ${revision}, bundle ${shortDigest(bundle)}`,
  );
  say(console.style.dim(describePlace(client.place)));
  const again = `syncline rollback ${application} ${sync ?? ''}`.trim() + commandNames(flags).flags;
  if (dryRun) {
    const compared = await compareAndShow({
      client,
      order,
      console,
      flags,
      again,
      json: ({ view }) => statusJson(view),
    });
    return typeof compared === 'number' ? compared : EXIT.succeeded;
  }
  const handle = await client.sync(order, { signal: console.interrupted });
  for (const warning of handle.warnings) console.tell(`${console.style.yellow('warning')}: ${warning}`);
  const watch = { client, handle, console, flags, again };
  return flags.detach ? detached(watch) : watchToEnd(watch);
}
