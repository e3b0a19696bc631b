import type { HistoryEntry } from '../../core/history/history.ts';
import { shortDigest } from '../../core/manifests/bundle.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import { renderTable } from '../render/table.ts';
import { dayAndTime, formatDuration } from '../render/times.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, withClient, withOutput, withPlace } from '../settings.ts';

type HistoryFlags = PlaceFlags & KubeconfigFlags & OutputFlags & { readonly namespace?: string };

/** `syncline history APP`: the syncs of an application, kept in its cluster. */
export function registerHistory({ program, console, end }: Registration): void {
  const command = program
    .command('history')
    .argument('<application>', 'the application')
    .option('-n, --namespace <name>', 'the namespace of its record (else wherever the cluster has it)')
    .description('show the syncs of an application that its cluster keeps, newest first');
  withOutput(withPlace(command)).action(async (application: string, flags: HistoryFlags) => {
    await withClient(flags, console, async (client) => {
      const { namespace, entries } = await client.history(application, {
        cluster: clusterName(flags, console.env),
        signal: console.interrupted,
        ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
      });
      if (flags.output === 'json')
        console.print(JSON.stringify({ version: 1, application, namespace, entries }, undefined, 2));
      else console.print(asTable(entries));
    });
    end(EXIT.succeeded);
  });
}

const COLUMNS = ['SYNC', 'REVISION', 'BUNDLE', 'OUTCOME', 'STARTED', 'TOOK', 'BY', 'PHASES'];

function asTable(entries: readonly HistoryEntry[]): string {
  const columns = COLUMNS.map((title) => ({ title, ...(title === 'TOOK' || title === 'SYNC' ? { right: true } : {}) }));
  return renderTable(
    columns,
    entries.map((entry) => [
      String(entry.number),
      entry.revision,
      shortDigest(entry.bundle),
      outcomeWords(entry),
      dayAndTime(entry.startedAt),
      formatDuration(entry.finishedAt - entry.startedAt),
      entry.requestedBy,
      phaseWords(entry),
    ]),
  );
}

function outcomeWords({ outcome, skipped, rollback, request }: HistoryEntry): string {
  const notes = [
    ...(rollback === undefined ? [] : [`rollback to ${String(rollback.number)}`]),
    ...(request.options.selection === undefined ? [] : ['partial']),
    ...(skipped === undefined ? [] : [`${String(skipped)} skipped`]),
  ];
  return notes.length === 0 ? outcome : `${outcome} (${notes.join(', ')})`;
}

/** The phases with the time each took: `PreSync 1m28s, Sync 4s, PostSync 2s`; of one that did not succeed how it ended. */
function phaseWords({ phases, finishedAt }: HistoryEntry): string {
  return phases
    .map(({ phase, state, startedAt, finishedAt: end = finishedAt }) => {
      const took = `${phase} ${formatDuration(end - startedAt)}`;
      return state === 'succeeded' ? took : `${took} ${state}`;
    })
    .join(', ');
}
