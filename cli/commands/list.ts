import type { SyncListing } from '../../client/listing/sync-listing.ts';
import { describePlace } from '../../client/connection/place.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import { renderTable } from '../render/table.ts';
import { dayAndTime, formatDuration } from '../render/times.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { countFlag, withClient, withOutput, withPlace } from '../settings.ts';

type ListFlags = PlaceFlags & KubeconfigFlags & OutputFlags & { readonly all: boolean; readonly limit: number };

/** `syncline list`: the latest sync of each application. */
export function registerList({ program, console, end }: Registration): void {
  const command = program
    .command('list')
    .description('list applications with their latest sync')
    .option('-a, --all', 'older syncs too, as far as Temporal still knows them', false)
    .option('--limit <count>', 'the most lines', countFlag, 100);
  withOutput(withPlace(command)).action(async (flags: ListFlags) => {
    await withClient(flags, console, async (client) => {
      const syncs = await client.list({
        limit: flags.limit,
        newestOnly: !flags.all,
        signal: console.interrupted,
        ...(flags.cluster === undefined ? {} : { cluster: flags.cluster }),
      });
      if (flags.output === 'json') console.print(JSON.stringify({ version: 1, syncs }, undefined, 2));
      else if (syncs.length === 0) console.tell(`no sync in ${describePlace(client.place)}`);
      else console.print(asTable(syncs, console.now()));
    });
    end(EXIT.succeeded);
  });
}

const WAITS = { approval: 'waits for an approval', decision: 'holds', window: 'waits for its window' } as const;

/** `Running (waits for its window until 2026-11-26 22:00)`. */
function outcomeWords({ outcome, selection, waits }: SyncListing): string {
  const until = waits?.until === undefined ? '' : ` until ${dayAndTime(waits.until)}`;
  const notes = [
    ...(selection === undefined ? [] : ['partial']),
    ...(waits === undefined ? [] : [WAITS[waits.for] + until]),
  ];
  return notes.length === 0 ? outcome : `${outcome} (${notes.join(', ')})`;
}

const COLUMNS = ['APPLICATION', 'CLUSTER', 'NAMESPACE', 'REVISION', 'OUTCOME', 'STARTED', 'TOOK', 'BY'];

function asTable(syncs: readonly SyncListing[], now: number): string {
  const columns = COLUMNS.map((title) => (title === 'TOOK' ? { title, right: true } : { title }));
  const rows = syncs.map((sync) => [
    sync.application,
    sync.cluster,
    sync.namespace,
    sync.revision,
    outcomeWords(sync),
    dayAndTime(sync.startedAt),
    formatDuration((sync.finishedAt ?? now) - sync.startedAt),
    sync.requestedBy,
  ]);
  return renderTable(columns, rows);
}
