import { describePlace } from '../client/connection/place.ts';
import type { ExitCode } from './exit-codes.ts';
import { EXIT } from './exit-codes.ts';
import { commandNames } from './next-commands.ts';
import type { Watch } from './watching.ts';
import { statusJson } from './watching.ts';

/** Says that a sync or deletion was accepted, and how to follow it. Answers the exit code. */
export async function detached({ client, handle, console, flags }: Watch): Promise<ExitCode> {
  if (flags.output === 'json') {
    console.print(statusJson(await handle.status({ signal: console.interrupted })));
  } else {
    console.print(`accepted by ${describePlace(client.place)}, as ${handle.workflowId}`);
    const chosen = handle.syncId === undefined ? '' : ` --sync ${handle.syncId}`;
    console.print(`follow it with: syncline status ${handle.application}${chosen} --watch${commandNames(flags).flags}`);
  }
  return EXIT.succeeded;
}
