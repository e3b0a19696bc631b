import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { pino } from 'pino';
import { failure } from '../../core/failures.ts';
import type { CheckFlags } from '../check-flags.ts';
import { checkSources, withChecks } from '../check-flags.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import type { RetentionFlags } from '../retention-flags.ts';
import { retentionOf, withRetention } from '../retention-flags.ts';
import { DEFAULT_CLUSTER } from '../settings.ts';

interface NamedContext {
  readonly name: string;
  readonly context?: string;
}

interface WorkerFlags extends CheckFlags, RetentionFlags {
  readonly cluster: readonly NamedContext[];
  readonly kubeconfig?: string;
  readonly bundles?: string;
  readonly logLevel: string;
}

/** `syncline worker`: runs a worker until it is told to stop. */
export function registerWorker({ program, console, end }: Registration): void {
  const command = program
    .command('worker')
    .description('run a worker: it carries out the syncs of the clusters it is given')
    .option<readonly NamedContext[]>(
      '--cluster <NAME=CONTEXT>',
      `a cluster to serve, by a name and a kubeconfig context; may be repeated (else ${DEFAULT_CLUSTER} = the current context)`,
      namedContext,
      [],
    )
    .option('--kubeconfig <path>', 'the kubeconfig file (else KUBECONFIG, or the pod’s service account)')
    .option('--bundles <store>', 'the bundle store: file:PATH or kubernetes:NAMESPACE (SYNCLINE_BUNDLES)')
    .option('--log-level <level>', 'trace, debug, info, warn or error', 'info');
  withRetention(withChecks(command)).action(async (flags: WorkerFlags) => {
    await serve(flags, console, command);
    end(EXIT.succeeded);
  });
}

function namedContext(text: string, before: readonly NamedContext[]): readonly NamedContext[] {
  const [name = '', ...context] = text.split('=');
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    throw new InvalidArgumentError('Give NAME=CONTEXT, e.g. prod=kind-prod.');
  if (before.some((each) => each.name === name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return [...before, context.length === 0 ? { name } : { name, context: context.join('=') }];
}

async function serve(flags: WorkerFlags, console: Console, command: Command): Promise<void> {
  const bundles = flags.bundles ?? console.env['SYNCLINE_BUNDLES'];
  if (bundles === undefined || bundles === '') {
    throw failure('InvalidRequest', `${command.name()} needs a bundle store`, {
      remedy: 'set SYNCLINE_BUNDLES or --bundles, e.g. file:/var/lib/syncline',
    });
  }
  const kubeconfig = flags.kubeconfig === undefined ? {} : { kubeconfigPath: flags.kubeconfig };
  const named = flags.cluster.length === 0 ? [{ name: DEFAULT_CLUSTER }] : flags.cluster;
  // The worker's libraries are large; no other command should wait for them to load.
  const { startWorker } = await import('../../worker/worker.ts');
  const worker = await startWorker({
    clusters: named.map((cluster) => ({ ...cluster, ...kubeconfig })),
    bundles,
    checks: checkSources(flags, console.env),
    retention: retentionOf(flags, console.env),
    log: pino({ level: flags.logLevel }),
  });
  if (console.interrupted.aborted) worker.shutdown();
  console.interrupted.addEventListener('abort', () => worker.shutdown(), { once: true });
  await worker.run();
}
