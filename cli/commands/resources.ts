import type { SynclineClient } from '../../client/client.ts';
import { failure } from '../../core/failures.ts';
import type { StoredPlan } from '../../core/sync/stored-plan.ts';
import type { SyncStatus } from '../../core/sync/status.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { hooksOf } from '../hook-selection.ts';
import type { Registration } from '../registration.ts';
import type { HookRow } from '../resource-rows.ts';
import { hookRow, resourceRows } from '../resource-rows.ts';
import { renderTable } from '../render/table.ts';
import { dayAndTime, formatDuration } from '../render/times.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, openCluster, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';

type ResourcesFlags = PlaceFlags & KubeconfigFlags & OutputFlags & { readonly hooks: boolean };

/** `syncline resources APP [--hooks]`: what the latest sync did with each object. */
export function registerResources({ program, console, end }: Registration): void {
  const command = program
    .command('resources <app>')
    .description("list the objects of an application's latest sync with their states")
    .option('--hooks', 'its hooks, with attempts, times and what became of their objects', false);
  withOutput(withKubeconfig(withPlace(command))).action(async (application: string, flags: ResourcesFlags) => {
    await withClient(flags, console, async (client) => {
      const handle = client.handle(application, { cluster: clusterName(flags, console.env) });
      const { status } = await handle.status({ signal: console.interrupted });
      console.print(
        flags.hooks ? await hookTable(status, flags, console) : await resourceTable(client, status, flags, console),
      );
    });
    end(EXIT.succeeded);
  });
}

async function resourceTable(
  client: SynclineClient,
  status: SyncStatus,
  flags: ResourcesFlags,
  console: Console,
): Promise<string> {
  if (status.plan === undefined) {
    throw failure(
      'InvalidRequest',
      `the sync of ${status.application} has no plan${status.state === 'planning' ? ' yet' : ''}`,
      {
        remedy: `see \`syncline status ${status.application}\``,
      },
    );
  }
  const bytes = await client.bundles().get(status.plan, console.interrupted);
  const rows = resourceRows(JSON.parse(new TextDecoder().decode(bytes)) as StoredPlan, status);
  if (flags.output === 'json')
    return JSON.stringify({ version: 1, syncId: status.syncId, resources: rows }, undefined, 2);
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

async function hookTable(status: SyncStatus, flags: ResourcesFlags, console: Console): Promise<string> {
  const cluster = await openCluster(flags, status.cluster).catch(() => undefined);
  try {
    const rows = await Promise.all(
      hooksOf(status).map((placed) => hookRow(placed, (ref) => present(cluster, ref, console.interrupted))),
    );
    if (flags.output === 'json')
      return JSON.stringify({ version: 1, syncId: status.syncId, hooks: rows }, undefined, 2);
    return rows.length === 0 ? `the sync of ${status.application} has no hooks` : asTable(rows, console.now());
  } finally {
    await cluster?.close();
  }
}

/** Whether an object exists; undefined where the cluster can't be asked. */
async function present(
  cluster: Cluster | undefined,
  ref: HookRow['ref'],
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    return cluster === undefined ? undefined : (await cluster.get(ref, signal)) !== undefined;
  } catch {
    return undefined;
  }
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
