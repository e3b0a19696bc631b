import type { SynclineClient } from '../../client/syncline-client.ts';
import { describePlace } from '../../client/connection/place.ts';
import type { SyncOrder } from '../../client/starting/request.ts';
import type { Comparing } from '../comparing.ts';
import { compareAndShow } from '../comparing.ts';
import type { Console } from '../console.ts';
import { detached } from '../detached.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import { ignoredOf } from '../flags/ignore-flags.ts';
import { leftOutWords } from '../late-start.ts';
import { commandLine, headline, orderOf, readFor, unrendered, withSubject } from '../order.ts';
import type { Registration } from '../registration.ts';
import { renderPlan } from '../render/plan.ts';
import { rendersOnServer, withRendering } from '../flags/server-flags.ts';
import { noWorker, withKubeconfig, withOutput, withPlace } from '../settings.ts';
import { SOURCE_OR_NAME } from '../flags/source-flags.ts';
import type { SyncFlags } from '../flags/sync-flags.ts';
import { syncOptionsOf, withApplication, withSyncOptions } from '../flags/sync-flags.ts';
import { turnOf } from '../flags/turn-flags.ts';
import { statusJson, watchToEnd } from '../watching.ts';

/** `syncline sync SOURCE --app NAME`, or `syncline sync NAME` of an application that is kept: plan, start, follow. */
export function registerSync({ program, console, end }: Registration): void {
  const command = program
    .command('sync')
    .argument('<source>', SOURCE_OR_NAME)
    .description('render a source, or that of a kept application, sync it and follow that to its end');
  const whole = withOutput(withKubeconfig(withPlace(withRendering(withSyncOptions(withApplication(command))))));
  whole.action(async (source: string, flags: SyncFlags) => {
    end(await sync(source, flags, console));
  });
}

async function sync(argument: string, flags: SyncFlags, console: Console): Promise<ExitCode> {
  const say = flags.output === 'json' ? console.tell : console.print;
  const options = { ...syncOptionsOf(flags), ...(await ignoredOf(flags)) };
  const byServer = rendersOnServer(flags, console);
  return withSubject(argument, flags, options, console, async (subject, connected) => {
    if (byServer) {
      const { order, headline: told } = unrendered(subject, flags, console);
      say(`${told}\n`);
      return connected((client) => begin(client, { ...order, ...turnOf(flags) }, argument, flags, console));
    }
    const read = await readFor(subject, flags, console);
    say(headline(subject, read, console, flags.dryRun ? 'dry run' : undefined));
    say(`\n${renderPlan(read.plan, { width: console.width(), style: console.style })}\n`);
    if (flags.from !== undefined)
      say(`begins at ${flags.from}; ${leftOutWords(read.plan, flags.from, subject.options.prune)}\n`);
    return connected((client) =>
      begin(client, { ...orderOf(subject, read, flags, console), ...turnOf(flags) }, argument, flags, console),
    );
  });
}

/** Starts the sync of an order and follows it. */
async function begin(
  client: SynclineClient,
  order: SyncOrder,
  argument: string,
  flags: SyncFlags,
  console: Console,
): Promise<ExitCode> {
  const again = commandLine('sync', argument, flags);
  (flags.output === 'json' ? console.tell : console.print)(console.style.dim(describePlace(client.place)));
  if (flags.dryRun) return dryRun({ client, order, console, flags, again });
  if ((await client.workers({ signal: console.interrupted })).length === 0) throw noWorker(client.place);
  const handle = await client.sync(order, { signal: console.interrupted });
  for (const warning of handle.warnings) console.tell(`${console.style.yellow('warning')}: ${warning}`);
  const watch = { client, handle, console, flags, again };
  return flags.detach ? detached(watch) : watchToEnd(watch);
}

/** Shows what the sync would change. Whatever that is, the answer to "would it work?" is yes: exit code 0. */
async function dryRun(comparing: Omit<Comparing, 'json'>): Promise<ExitCode> {
  const compared = await compareAndShow({ ...comparing, json: ({ view }) => statusJson(view) });
  if (typeof compared === 'number') return compared;
  const say = comparing.flags.output === 'json' ? comparing.console.tell : comparing.console.print;
  say('dry run: the API server accepts all of it, and nothing was changed');
  return EXIT.succeeded;
}
