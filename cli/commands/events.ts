import type { EventEvidence } from '../../core/evidence/evidence.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import { renderTable } from '../render/table.ts';
import { clockTime } from '../render/times.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, countFlag, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';

type EventsFlags = PlaceFlags & KubeconfigFlags & OutputFlags & { readonly attempt?: number };

/** `syncline events APP HOOK`: what Kubernetes said about a hook and its pods. */
export function registerEvents({ program, console, end }: Registration): void {
  const command = program
    .command('events <app> <hook>')
    .description('print the events of a hook and its pods: live while it runs, what was kept of them afterwards')
    .option('--attempt <number>', 'an earlier attempt', countFlag);
  withOutput(withKubeconfig(withPlace(command))).action(
    async (application: string, name: string, flags: EventsFlags) => {
      await withClient(flags, console, async (client) => {
        const handle = client.handle(application, { cluster: clusterName(flags, console.env) });
        const attempt = flags.attempt === undefined ? {} : { attempt: flags.attempt };
        const { live, events } = await handle.events(name, { signal: console.interrupted, ...attempt });
        print(events, live, flags, console);
      });
      end(EXIT.succeeded);
    },
  );
}

function print(events: readonly EventEvidence[], live: boolean, flags: EventsFlags, console: Console): void {
  if (flags.output === 'json') {
    console.print(JSON.stringify({ version: 1, live, events }, undefined, 2));
    return;
  }
  if (events.length === 0) console.tell('no events');
  else console.print(asTable(events));
}

function asTable(events: readonly EventEvidence[]): string {
  const columns = ['WHEN', 'TYPE', 'OBJECT', 'REASON', 'COUNT', 'MESSAGE'].map((title) => ({
    title,
    right: title === 'COUNT',
  }));
  const rows = events.map(({ at, type, object, reason, count, message }) => {
    const time = Date.parse(at);
    return [Number.isNaN(time) ? at : clockTime(time), type, object, reason, String(count), message];
  });
  return renderTable(columns, rows);
}
