import type { Command } from 'commander';
import type { SyncHandle } from '../../client/handle.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { commandNames } from '../next-commands.ts';
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
import type { WatchFlags } from '../watching.ts';
import { watchToEnd } from '../watching.ts';

type ResumeFlags = WatchFlags & { readonly reason?: string; readonly detach: boolean };
type RetryFlags = ResumeFlags & { readonly from?: string; readonly only?: string; readonly restart: boolean };

/** `syncline retry APP` and `syncline skip APP STEP`: let a sync go on that has failed, with the very same plan. */
export function registerResume(registration: Registration): void {
  const { program } = registration;
  const retry = program
    .command('retry <app>')
    .description(
      'let a sync that failed go on at the failed step, with the same manifests and plan; what succeeded is not run again',
    )
    .option('--from <place>', 'run everything from PHASE or PHASE:WAVE on again, e.g. PreSync:0')
    .option('--only <step>', 'run one step alone: a hook by name, or the resources of PHASE:WAVE')
    .option('--restart', 'run everything again', false)
    .option('--reason <text>', 'why, for the record');
  withFollowing(retry).action((application: string, flags: RetryFlags) =>
    resumed(registration, application, flags, (handle, who, signal) => {
      const { from, only, restart } = flags;
      const choice = {
        ...(from === undefined ? {} : { from }),
        ...(only === undefined ? {} : { only }),
        ...(restart ? { restart } : {}),
      };
      return handle.retry({ ...who, ...choice }, { signal });
    }),
  );
  const skip = program
    .command('skip <app> <step>')
    .description('let a sync that failed go on without one step: a hook by name, or the resources of PHASE:WAVE')
    .requiredOption('--reason <text>', 'why, for the record');
  withFollowing(skip).action((application: string, step: string, flags: ResumeFlags) =>
    resumed(registration, application, flags, (handle, { by }, signal) =>
      handle.skip({ by, step, reason: flags.reason ?? '' }, { signal }),
    ),
  );
}

function withFollowing(command: Command): Command {
  const following = command
    .option('--detach', 'end once the order is accepted', false)
    .option('--wait-timeout <duration>', 'stop watching after so long; the sync goes on', durationFlag);
  return withOutput(withKubeconfig(withPlace(following)));
}

interface Who {
  readonly by: string;
  readonly reason?: string;
}

type Send = (handle: SyncHandle, who: Who, signal: AbortSignal) => Promise<SyncHandle>;

async function resumed(
  { console, end }: Registration,
  application: string,
  flags: ResumeFlags,
  send: Send,
): Promise<void> {
  const cluster = clusterName(flags, console.env);
  await withClient(flags, console, async (client) => {
    const who = { by: requester(console.env), ...(flags.reason === undefined ? {} : { reason: flags.reason }) };
    const handle = await send(client.handle(application, { cluster }), who, console.interrupted);
    if (flags.detach) {
      tellAccepted(application, flags, console);
      end(EXIT.succeeded);
    } else end(await watchToEnd({ client, handle, console, flags }));
  });
}

function tellAccepted(application: string, flags: ResumeFlags, { print }: Console): void {
  print(`the sync of ${application} goes on`);
  print(`follow it with: syncline status ${application} --watch${commandNames(flags).flags}`);
}
