import type { Command } from 'commander';
import { Option } from 'commander';
import type { Turn } from '../../client/starting/begin.ts';
import type { IfRunning } from '../../core/queue/line.ts';
import { durationFlag } from '../settings.ts';

/** What a request does where a sync of its application runs. */
export interface TurnFlags {
  readonly ifRunning?: IfRunning;
  readonly supersedeWithin?: number;
  readonly syncId?: string;
}

/** Which sync of an application is meant. */
export interface ChosenFlags {
  readonly sync?: string;
}

/** Adds the flags that say what happens where a sync of the application runs already. */
export function withTurn(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--if-running <action>',
        'where a sync of the application runs: be refused, wait in line, or replace all that wait and let it end at its next safe point',
      ).choices(['reject', 'queue', 'supersede']),
    )
    .option(
      '--supersede-within <duration>',
      'how long a sync that is superseded may take to its next safe point before its hooks are stopped (10m; 0s = at once)',
      (text: string) => (text === '0' || text === '0s' ? 0 : durationFlag(text)),
    )
    .option('--sync-id <id>', 'names this request: repeated, it follows the sync that it began the first time');
}

/** What the flags say about the request's turn. */
export function turnOf({ ifRunning, supersedeWithin, syncId }: TurnFlags): Turn {
  return {
    ...(ifRunning === undefined ? {} : { ifRunning }),
    ...(supersedeWithin === undefined ? {} : { supersedeWithinMs: supersedeWithin }),
    ...(syncId === undefined ? {} : { syncId }),
  };
}

/** Adds the flag that chooses one sync. */
export function withChosenSync(command: Command): Command {
  return command.option('--sync <id>', 'the sync of this ID, also while it waits for its turn (else the latest)');
}

/** What the flags say about which sync is meant. */
export function chosenSync({ sync }: ChosenFlags): { readonly syncId?: string } {
  return sync === undefined ? {} : { syncId: sync };
}
