import { pino } from 'pino';
import { ANY_ACCOUNT } from '../../core/accounts/account.ts';
import { renderProgress } from '../../programs/progress.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { CheckFlags } from './check-flags.ts';
import { checkSources, withChecks } from './check-flags.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { programLines } from '../program-progress.ts';
import type { Registration } from '../registration.ts';
import { retentionOf } from '../flags/retention-flags.ts';
import { withoutServer } from '../flags/server-flags.ts';
import { DEFAULT_CLUSTER } from '../settings.ts';

interface DevFlags extends CheckFlags {
  readonly state?: string;
}

/** `syncline dev`: Temporal, a Kubernetes control plane and a worker on this machine, until Ctrl-C. */
export function registerDev({ program, console, end }: Registration): void {
  const command = program
    .command('dev')
    .description('start Temporal, a Kubernetes control plane (without real containers) and a worker on this machine')
    .option('--state <folder>', 'keep their state there, for the next time');
  withoutServer(withChecks(command)).action(async (flags: DevFlags) => {
    await serve(flags, console);
    end(EXIT.succeeded);
  });
}

async function serve(flags: DevFlags, console: Console): Promise<void> {
  const { state } = flags;
  const checks = checkSources(flags, console.env);
  // Servers and worker are large; no other command should wait for them to load.
  const { startSandbox } = await import('../../sandbox/sandbox.ts');
  const { startWorker } = await import('../../worker/worker.ts');
  const progress = programLines(console);
  const sandbox = await startSandbox({
    ...(state === undefined ? {} : { stateDir: state, keepState: true }),
    onProgress: (event) => (event.kind === 'server' ? progress.line(event.text) : renderProgress(progress, event)),
    signal: console.interrupted,
  });
  try {
    // The worker reads Temporal's address where every program does: in its environment.
    Object.assign(process.env, sandbox.env);
    const worker = await startWorker({
      clusters: [{ name: DEFAULT_CLUSTER, ...kubeconfigOf(sandbox) }],
      bundles: sandbox.env['SYNCLINE_BUNDLES'] ?? `file:${sandbox.stateDir}/bundles`,
      checks,
      retention: retentionOf({}, console.env),
      accounts: ANY_ACCOUNT,
      log: pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true })),
    });
    if (console.interrupted.aborted) worker.shutdown();
    console.interrupted.addEventListener('abort', () => worker.shutdown(), { once: true });
    console.print(directions(sandbox));
    await worker.run();
  } finally {
    console.tell('stopping');
    await sandbox.stop();
  }
}

function kubeconfigOf(sandbox: Sandbox): { readonly kubeconfigPath?: string } {
  const path = sandbox.env['KUBECONFIG'];
  return path === undefined ? {} : { kubeconfigPath: path };
}

function directions(sandbox: Sandbox): string {
  const variables = { ...sandbox.env, KUBECONFIG: sandbox.kubeconfigPath, SYNCLINE_TEMPORAL_UI: sandbox.temporalUiUrl };
  return [
    'ready: Temporal, a Kubernetes control plane and a worker. Pods are simulated: no container really runs.',
    '',
    'In another terminal:',
    ...Object.entries(variables).map(([name, value]) => `  export ${name}=${value}`),
    '  syncline sync ./deploy --app shop -n shop --create-namespace',
    '',
    `Temporal's UI: ${sandbox.temporalUiUrl}`,
    'Ctrl-C stops everything.',
  ].join('\n');
}
