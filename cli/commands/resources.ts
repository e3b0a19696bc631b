import type { SyncHandle } from '../../client/handle.ts';
import type { HookRow } from '../../client/resource-rows.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import { renderTable } from '../render/table.ts';
import { dayAndTime, formatDuration } from '../render/times.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';

type ResourcesFlags = PlaceFlags & KubeconfigFlags & OutputFlags & { readonly hooks: boolean };

/** `syncline resources APP [--hooks]`: what the latest sync did with each object. */
export function registerResources({ program, console, end }: Registration): void {
  const command = program
    .command('resources <app>')
    .description("list the objects of an application's latest sync with their states")
    .option('--hooks', 'its hooks, with attempts, times and what became of their objects', false);
  withOutput(withKubeconfig(withPlace(command))).action(async (application: string, flags: ResourcesFlags) => {
    await withClient(flags, console, async (client) => {
      const latest = client.handle(application, { cluster: clusterName(flags, console.env) });
      const { runId } = await latest.status({ signal: console.interrupted });
      const handle = client.handle(application, { cluster: latest.cluster, runId });
      console.print(
        flags.hooks ? await hookTable(handle, flags, console) : await resourceTable(handle, flags, console),
      );
    });
    end(EXIT.succeeded);
  });
}

async function resourceTable(handle: SyncHandle, flags: ResourcesFlags, console: Console): Promise<string> {
  const rows = await handle.resources({ signal: console.interrupted });
  if (flags.output === 'json') return document(handle, { resources: rows }, console);
  return renderTable(
    [
      { title: 'PHASE' },
      { title: 'WAVE', right: true },
      { title: 'KIND' },
      { title: 'NAMESPACE' },
      { title: 'NAME' },
      { title: 'ACTION' },
      { title: 'STATE' },
    ],
    rows.map((row) => [row.phase, String(row.wave), row.kind, row.namespace ?? '', row.name, row.action, row.state]),
  );
}

async function hookTable(handle: SyncHandle, flags: ResourcesFlags, console: Console): Promise<string> {
  const rows = await handle.hooks({ signal: console.interrupted });
  if (flags.output === 'json') return document(handle, { hooks: rows }, console);
  return rows.length === 0 ? `the sync of ${handle.application} has no hooks` : asTable(rows, console.now());
}

async function document(handle: SyncHandle, rows: object, console: Console): Promise<string> {
  const { syncId } = (await handle.status({ signal: console.interrupted })).status;
  return JSON.stringify({ version: 1, syncId, ...rows }, undefined, 2);
}

function asTable(rows: readonly HookRow[], now: number): string {
  const columns = ['PHASE', 'WAVE', 'KIND', 'NAME', 'STATE', 'ATTEMPTS', 'TOOK', 'WHEN', 'OBJECT'];
  const right = new Set(['WAVE', 'ATTEMPTS', 'TOOK']);
  return renderTable(
    columns.map((title) => ({ title, right: right.has(title) })),
    rows.map((row) => [
      row.phase,
      String(row.wave),
      row.ref.kind,
      row.ref.name,
      row.state,
      row.attempts === undefined ? '' : String(row.attempts),
      row.startedAt === undefined ? '' : formatDuration((row.finishedAt ?? now) - row.startedAt),
      row.startedAt === undefined ? '' : dayAndTime(row.startedAt),
      row.object,
    ]),
  );
}
