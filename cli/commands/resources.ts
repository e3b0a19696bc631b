import type { SynclineClient } from '../../client/syncline-client.ts';
import type { SyncHandle } from '../../client/handle.ts';
import type { Standing } from '../../client/reports/object-sync.ts';
import { standingOf } from '../../client/reports/object-sync.ts';
import type { HookRow } from '../../client/reports/resource-rows.ts';
import type { ObjectRef } from '../../core/objects.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import { renderSyncState } from '../render/sync-state.ts';
import { renderTable } from '../render/table.ts';
import { dayAndTime, formatDuration } from '../render/times.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';

type ResourcesFlags = PlaceFlags & KubeconfigFlags & OutputFlags & { readonly hooks: boolean };

/** `syncline resources APP [--hooks]`: what the latest sync did with each object. */
export function registerResources({ program, console, end }: Registration): void {
  const command = program
    .command('resources <app>')
    .description(
      "list the objects of an application's latest sync: what it did with each, and whether they still stand so",
    )
    .option('--hooks', 'its hooks, with attempts, times and what became of their objects', false);
  withOutput(withKubeconfig(withPlace(command))).action(async (application: string, flags: ResourcesFlags) => {
    await withClient(flags, console, async (client) => {
      const latest = client.handle(application, { cluster: clusterName(flags, console.env) });
      const { runId } = await latest.status({ signal: console.interrupted });
      const handle = client.handle(application, { cluster: latest.cluster, runId });
      console.print(
        flags.hooks ? await hookTable(handle, flags, console) : await resourceTable(client, handle, flags, console),
      );
    });
    end(EXIT.succeeded);
  });
}

async function resourceTable(
  client: SynclineClient,
  handle: SyncHandle,
  flags: ResourcesFlags,
  console: Console,
): Promise<string> {
  const { application, cluster } = handle;
  const signal = console.interrupted;
  const rows = await handle.resources({ signal });
  const standing = standingOf(rows, await client.syncState(application, { cluster, signal }));
  return flags.output === 'json' ? document(handle, standing, console) : standingTable(standing, console);
}

function standingTable({ resources, others, syncUnknown }: Standing, { style }: Console): string {
  const table = renderTable(
    [
      { title: 'PHASE' },
      { title: 'WAVE', right: true },
      { title: 'KIND' },
      { title: 'NAMESPACE' },
      { title: 'NAME' },
      { title: 'ACTION' },
      { title: 'STATE' },
      ...(syncUnknown === undefined ? [{ title: 'SYNC' }] : []),
    ],
    [
      ...resources.map(({ sync = '', ...row }) => [
        row.phase,
        String(row.wave),
        ...nameCells(row),
        row.action,
        row.state,
        sync,
      ]),
      ...others.map((object) => ['', '', ...nameCells(object), '', '', object.sync]),
    ],
  );
  if (syncUnknown === undefined) return table;
  return `${table}\n${renderSyncState({ state: 'unknown', reason: syncUnknown }, style)}`;
}

function nameCells({ kind, namespace = '', name }: ObjectRef): readonly string[] {
  return [kind, namespace, name];
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
