import type { ObjectRef } from '../../core/objects.ts';
import { describeRef } from '../../core/objects.ts';
import { kubeconfigCluster } from '../../client/kubeconfig.ts';
import type { IsRunning, ReleasedRecord } from '../../worker/sweep-loop.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import { withoutServer } from '../flags/server-flags.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, kubeconfigOf, withClient, withKubeconfig, withOutput, withTemporal } from '../settings.ts';

type SweepFlags = PlaceFlags & KubeconfigFlags & OutputFlags & { readonly running: boolean };

/** `syncline sweep [APP]`: removes hooks that were created and never released, and lets go of records, of syncs that are over. */
export function registerSweep({ program, console, end }: Registration): void {
  const command = program
    .command('sweep [app]')
    .description(
      'remove hooks that were never released, and let go of records, of syncs that are over, of one application or all; workers do it too',
    )
    .option('--running', 'hooks that run, too, where their sync is over: their logs are not kept', false);
  withoutServer(withOutput(withKubeconfig(withTemporal(command))), console.env).action(
    async (application: string | undefined, flags: SweepFlags) => {
      const name = clusterName(flags, console.env);
      const { releaseRecords, sweepCluster } = await import('../../worker/sweep-loop.ts');
      await withClient(flags, console, async (client) => {
        const cluster = await kubeconfigCluster(kubeconfigOf(flags, console))(name);
        try {
          const signal = console.interrupted;
          const isRunning: IsRunning = (sync) => client.isUnderWay({ ...sync, cluster: name }, { signal });
          const { running } = flags;
          const scope = { running, ...(application === undefined ? {} : { application }) };
          const removed = await sweepCluster(cluster, isRunning, signal, scope);
          const released = await releaseRecords(cluster, isRunning, signal, application);
          if (flags.output === 'json') console.print(JSON.stringify({ version: 1, removed, released }, undefined, 2));
          else tellSwept(console, removed, released);
        } finally {
          await cluster.close();
        }
      });
      end(EXIT.succeeded);
    },
  );
}

function tellSwept(console: Console, removed: readonly ObjectRef[], released: readonly ReleasedRecord[]): void {
  for (const ref of removed) console.print(`removed ${describeRef(ref)}`);
  for (const { application, syncId } of released) {
    console.print(`released the record of ${application}, which sync ${syncId} held that is over`);
  }
  if (removed.length + released.length === 0) console.tell('nothing to remove');
}
