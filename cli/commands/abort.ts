import { EXIT } from '../exit-codes.ts';
import { commandNames } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import type { KubeconfigFlags, PlaceFlags } from '../settings.ts';
import { clusterName, requester, withClient, withPlace } from '../settings.ts';
import type { ChosenFlags } from '../flags/turn-flags.ts';
import { chosenSync, withChosenSync } from '../flags/turn-flags.ts';

type AbortFlags = ChosenFlags & PlaceFlags & KubeconfigFlags & { readonly reason?: string };

/** `syncline abort APP`: stops the sync that runs. */
export function registerAbort({ program, console, end }: Registration): void {
  const command = program
    .command('abort <app>')
    .description(
      'stop the running sync, or take one that waits out of the line: running hooks are stopped after their logs are kept; what was applied stays',
    )
    .option('--reason <text>', 'why, for the record');
  withPlace(withChosenSync(command)).action(async (application: string, flags: AbortFlags) => {
    const cluster = clusterName(flags, console.env);
    await withClient(flags, console, async (client) => {
      const request = {
        by: requester(console.env),
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      };
      await client
        .handle(application, { cluster, ...chosenSync(flags) })
        .abort(request, { signal: console.interrupted });
      console.print(`the sync of ${application} is being aborted`);
      console.print(
        `see it end with: syncline status ${application}${flags.sync === undefined ? '' : ` --sync ${flags.sync}`} --watch${commandNames(flags).flags}`,
      );
    });
    end(EXIT.succeeded);
  });
}
