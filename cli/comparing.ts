import type { SynclineClient } from '../client/syncline-client.ts';
import type { Comparison } from '../client/starting/comparison.ts';
import type { SyncOrder } from '../client/starting/request.ts';
import type { Console } from './console.ts';
import { describeEnding, outcomeCode } from './ending.ts';
import type { ExitCode } from './exit-codes.ts';
import { EXIT } from './exit-codes.ts';
import { commandNames } from './next-commands.ts';
import { diffSummary, renderDiff } from './render/diff.ts';
import { formatDuration } from './render/times.ts';
import { noWorker } from './settings.ts';
import type { WatchFlags } from './watching.ts';

/** What is compared, and with what. */
export interface Comparing {
  readonly client: SynclineClient;
  readonly order: SyncOrder;
  readonly console: Console;
  readonly flags: WatchFlags;
  /** The command line that asks again. */
  readonly again: string;
  /** The document of `-o json`. */
  readonly json: (comparison: Comparison) => string;
}

/** Compares the cluster with manifests by a dry run and shows what a sync would change. Answers the comparison, or the exit code where it came to none. */
export async function compareAndShow(comparing: Comparing): Promise<Comparison | ExitCode> {
  const { client, order, console, flags, json } = comparing;
  if ((await client.workers({ signal: console.interrupted })).length === 0) throw noWorker(client.place);
  const compared = await withinTime(comparing);
  if (compared === undefined) return EXIT.waitTimedOut;
  const { view, diff, warnings } = compared;
  const asJson = flags.output === 'json';
  const say = asJson ? console.tell : console.print;
  if (asJson) console.print(json(compared));
  for (const warning of [...warnings, ...view.status.warnings]) {
    console.tell(`${console.style.yellow('warning')}: ${warning}`);
  }
  if (diff === undefined) {
    const names = commandNames(flags);
    say(await describeEnding(view, { client, console, names, again: comparing.again }));
    return outcomeCode(view.result ?? { outcome: 'Failed' });
  }
  const shown = asJson ? '' : renderDiff(diff, console.style);
  if (shown !== '') say(`${shown}\n`);
  say(diffSummary(order.application, diff.counts));
  return compared;
}

async function withinTime({ client, order, console, flags }: Comparing): Promise<Comparison | undefined> {
  const left = flags.waitTimeout === undefined ? [] : [AbortSignal.timeout(flags.waitTimeout)];
  const signal = AbortSignal.any([console.interrupted, ...left]);
  try {
    return await client.diff(order, { signal });
  } catch (error) {
    if (!signal.aborted || console.interrupted.aborted) throw error;
    const limit = flags.waitTimeout === undefined ? '' : ` after ${formatDuration(flags.waitTimeout)}`;
    console.tell(`stopped waiting for the comparison${limit}; it changes nothing`);
    return undefined;
  }
}
