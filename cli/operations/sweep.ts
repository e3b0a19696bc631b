import type { SynclineClient } from '../../client/client.ts';
import { isOver } from '../../client/view.ts';
import { SynclineError } from '../../core/failures.ts';
import { describeRef } from '../../core/objects.ts';
import type { SyncStatus } from '../../core/sync/status.ts';
import { kubeconfigCluster } from '../../client/kubeconfig.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import { withoutServer } from '../server-flags.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, kubeconfigOf, withClient, withKubeconfig, withOutput, withTemporal } from '../settings.ts';

type SweepFlags = PlaceFlags & KubeconfigFlags & OutputFlags & { readonly running: boolean };

/** `syncline sweep [APP]`: removes hooks that were created and never released, and whose sync is over. */
export function registerSweep({ program, console, end }: Registration): void {
  const command = program
    .command('sweep [app]')
    .description(
      'remove hooks that were never released and whose sync is over, of one application or all; workers do it too',
    )
    .option('--running', 'hooks that run, too, where their sync is over: their logs are not kept', false);
  withoutServer(withOutput(withKubeconfig(withTemporal(command))), console.env).action(
    async (application: string | undefined, flags: SweepFlags) => {
      const name = clusterName(flags, console.env);
      const { sweepCluster } = await import('../../worker/sweep-loop.ts');
      await withClient(flags, console, async (client) => {
        const cluster = await kubeconfigCluster(kubeconfigOf(flags))(name);
        try {
          const signal = console.interrupted;
          const removed = await sweepCluster(cluster, (sync) => isRunning(client, name, sync, signal), signal, {
            running: flags.running,
            ...(application === undefined ? {} : { application }),
          });
          if (flags.output === 'json') console.print(JSON.stringify({ version: 1, removed }, undefined, 2));
          else for (const ref of removed) console.print(`removed ${describeRef(ref)}`);
          if (removed.length === 0) console.tell('nothing to remove');
        } finally {
          await cluster.close();
        }
      });
      end(EXIT.succeeded);
    },
  );
}

async function isRunning(
  client: SynclineClient,
  cluster: string,
  sync: { readonly application: string; readonly syncId: string },
  signal: AbortSignal,
): Promise<boolean> {
  const status = await statusOf(client, sync.application, cluster, signal);
  return status !== undefined && !isOver(status) && status.syncId === sync.syncId;
}

async function statusOf(
  client: SynclineClient,
  application: string,
  cluster: string,
  signal: AbortSignal,
): Promise<SyncStatus | undefined> {
  try {
    return (await client.handle(application, { cluster }).status({ signal })).status;
  } catch (error) {
    if (error instanceof SynclineError && error.type === 'InvalidRequest') return undefined;
    throw error;
  }
}
