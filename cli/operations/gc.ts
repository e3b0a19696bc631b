import { openBundleStore } from '../../bundles/open-store.ts';
import { failure } from '../../core/failures.ts';
import type { Collection, CollectionReport, Judged } from '../../worker/collection-loop.ts';
import { kubeconfigCluster } from '../../client/kubeconfig.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import { renderTable } from '../render/table.ts';
import type { RetentionFlags } from '../flags/retention-flags.ts';
import { retentionOf, withRetention } from '../flags/retention-flags.ts';
import { withoutServer } from '../flags/server-flags.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { bundlesOf, clusterName, kubeconfigOf, withKubeconfig, withOutput, withTemporal } from '../settings.ts';

type GcFlags = PlaceFlags & KubeconfigFlags & OutputFlags & RetentionFlags & { readonly dryRun: boolean };

/** `syncline gc`: removes bundles and evidence that no sync needs any more, or shows which. */
export function registerGc({ program, console, end }: Registration): void {
  const command = program
    .command('gc')
    .description('remove bundles and evidence that nothing needs any more from the store; workers do it too')
    .option('--dry-run', 'show what would go and what stays, and why', false);
  withoutServer(withOutput(withRetention(withKubeconfig(withTemporal(command)))), console.env).action(
    async (flags: GcFlags) => {
      const report = await collect(flags, console);
      for (const warning of report.warnings) console.tell(warning);
      if (flags.output === 'json') console.print(JSON.stringify(asJson(report, flags), undefined, 2));
      else print(report, flags, console);
      end(EXIT.succeeded);
    },
  );
}

async function collect(flags: GcFlags, console: Console): Promise<CollectionReport> {
  const retention = retentionOf(flags, console.env);
  const specification = bundlesOf(flags, console.env);
  if (specification === undefined) {
    throw failure('InvalidRequest', 'no bundle store is configured', {
      remedy: 'set SYNCLINE_BUNDLES or --bundles to the store the worker uses',
    });
  }
  const { collectGarbage } = await import('../../worker/collection-loop.ts');
  const { runsKnownTo } = await import('../../worker/known-runs.ts');
  const { connectTemporal } = await import('../../client/connection/temporal.ts');
  const { address } = flags;
  const temporal = await connectTemporal({ env: console.env, ...(address === undefined ? {} : { address }) });
  const cluster = await kubeconfigCluster(kubeconfigOf(flags, console))(clusterName(flags, console.env));
  try {
    if (temporal.id === undefined) throw unidentified(temporal.namespace);
    const collection: Collection = {
      store: openBundleStore(specification, { cluster }).ownedBy(temporal.id),
      owner: temporal.id,
      clusters: [cluster],
      runsOf: runsKnownTo(temporal.client),
      retention,
      now: console.now,
      dryRun: flags.dryRun,
    };
    return await collectGarbage(collection, console.interrupted);
  } finally {
    await cluster.close();
    await temporal.connection.close();
  }
}

function unidentified(namespace: string): Error {
  return failure('TemporalUnavailable', `Temporal does not say what ID its namespace ${namespace} has`, {
    remedy: 'use credentials that may describe the namespace: without it nobody can tell whose a reference is',
  });
}

function asJson({ released, kept, bundles, warnings }: CollectionReport, { dryRun }: GcFlags): object {
  const listed = (judged: readonly Judged[]) =>
    judged.map(({ reference, why }) => {
      const { name, digests, writtenAt } = reference;
      return { name, digests, writtenAt: new Date(writtenAt).toISOString(), why };
    });
  return { version: 1, dryRun, released: listed(released), kept: listed(kept), bundles, warnings };
}

function print({ released, kept, bundles }: CollectionReport, { dryRun }: GcFlags, console: Console): void {
  const rows = [
    ...released.map((each) => row(dryRun ? 'would go' : 'released', each)),
    ...(dryRun ? kept.map((each) => row('stays', each)) : []),
  ];
  const columns = ['', 'REFERENCE', 'WHY'].map((title) => ({ title, right: false }));
  if (rows.length > 0) console.print(renderTable(columns, rows));
  if (!dryRun) console.tell(`${counted(released.length, 'reference')} released, ${counted(bundles, 'bundle')} removed`);
  else if (rows.length === 0) console.tell('the store holds no reference');
}

function row(what: string, { reference, why }: Judged): readonly string[] {
  return [what, reference.name, why];
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}
