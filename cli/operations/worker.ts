import { pino } from 'pino';
import { failure } from '../../core/failures.ts';
import type { AccountPolicyFlags } from '../flags/account-flags.ts';
import { accountPolicyOf, withAccountPolicy } from '../flags/account-flags.ts';
import type { CheckFlags } from './check-flags.ts';
import { checkSources, withChecks } from './check-flags.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import type { ClusterFlags } from '../named-contexts.ts';
import { clustersOf, withClusters } from '../named-contexts.ts';
import type { NotificationFlags } from './notification-flags.ts';
import { notifierOf, withNotifications } from './notification-flags.ts';
import type { Registration } from '../registration.ts';
import type { RetentionFlags } from '../flags/retention-flags.ts';
import { retentionOf, withRetention } from '../flags/retention-flags.ts';
import { withoutServer } from '../flags/server-flags.ts';

interface WorkerFlags extends CheckFlags, ClusterFlags, RetentionFlags, AccountPolicyFlags, NotificationFlags {
  readonly bundles?: string;
  readonly applicationsNamespace?: string;
  readonly source: readonly string[];
  readonly logLevel: string;
}

/** `syncline worker`: runs a worker until it is told to stop. */
export function registerWorker({ program, console, end }: Registration): void {
  const command = program
    .command('worker')
    .description('run a worker: it carries out the syncs of the clusters it is given');
  withClusters(command, 'a cluster to serve')
    .option('--bundles <store>', 'the bundle store: file:PATH or kubernetes:NAMESPACE (SYNCLINE_BUNDLES)')
    .option(
      '--applications-namespace <name>',
      'where each cluster keeps its applications (SYNCLINE_APPLICATIONS_NAMESPACE, else syncline)',
    )
    .option(
      '--source <glob>',
      'locations that it may render applications from for webhooks and schedules, e.g. https://git.example.com/team/*; repeatable (else none)',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option('--log-level <level>', 'trace, debug, info, warn or error', 'info');
  withoutServer(withNotifications(withAccountPolicy(withRetention(withChecks(command))))).action(
    async (flags: WorkerFlags) => {
      await serve(flags, console);
      end(EXIT.succeeded);
    },
  );
}

async function serve(flags: WorkerFlags, console: Console): Promise<void> {
  const bundles = flags.bundles ?? console.env['SYNCLINE_BUNDLES'];
  if (bundles === undefined || bundles === '') {
    throw failure('InvalidRequest', 'worker needs a bundle store', {
      remedy: 'set SYNCLINE_BUNDLES or --bundles, e.g. file:/var/lib/syncline',
    });
  }
  const applications = flags.applicationsNamespace ?? console.env['SYNCLINE_APPLICATIONS_NAMESPACE'];
  const notifier = await notifierOf(flags, console.env);
  // The worker's libraries are large; no other command should wait for them to load.
  const { startWorker } = await import('../../worker/worker.ts');
  const worker = await startWorker({
    clusters: clustersOf(flags),
    bundles,
    checks: checkSources(flags, console.env),
    retention: retentionOf(flags, console.env),
    accounts: accountPolicyOf(flags),
    sources: flags.source,
    ...(notifier === undefined ? {} : { notifier }),
    ...(applications === undefined || applications === '' ? {} : { definitions: applications }),
    log: pino({ level: flags.logLevel }),
  });
  if (console.interrupted.aborted) worker.shutdown();
  console.interrupted.addEventListener('abort', () => worker.shutdown(), { once: true });
  await worker.run();
}
