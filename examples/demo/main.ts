import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { loadCluster } from '../../kubernetes/kubeconfig.ts';
import { createProgressLines, renderProgress } from '../../programs/progress.ts';
import type { Sandbox, SandboxProgress } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { jobFacts } from './audit.ts';
import { shopManifests } from './manifests.ts';
import type { DemoOptions } from './options.ts';
import { readOptions } from './options.ts';
import { endProcess, runCli, startWorkerProcess } from './processes.ts';
import { migrationRunning } from './migration.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if ('usage' in options) {
    process.stderr.write(`${options.usage}\n`);
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  say('Starting Temporal and a Kubernetes control plane on this machine (built on the first run: about 12 minutes).');
  const manifests = await shopManifests(options.breakHook);
  try {
    return await inSandbox(manifests.path, options, stop.signal);
  } finally {
    await manifests.remove();
  }
}

async function inSandbox(manifests: string, options: DemoOptions, signal: AbortSignal): Promise<number> {
  const sandbox = await startSandbox({ onProgress: progressWriter(), signal });
  try {
    return await show(sandbox, manifests, options, signal);
  } finally {
    await sandbox.stop();
    say('Everything that was started is stopped.');
  }
}

async function show(sandbox: Sandbox, manifests: string, options: DemoOptions, signal: AbortSignal): Promise<number> {
  say(`Temporal's web UI: ${sandbox.temporalUiUrl}`);
  let worker = await startWorkerProcess(sandbox.env);
  try {
    const sync = runCli(['sync', manifests, '--app', 'shop', '-n', 'shop', '--create-namespace'], sandbox.env);
    if (options.kill) worker = await replaceWorker(sandbox, worker, signal);
    const code = await sync;
    await summarize(sandbox, options, code);
    if (options.keep) await keepUntilInterrupted(sandbox, signal);
    return code;
  } finally {
    await endProcess(worker, 'SIGTERM');
  }
}

/** Kills the worker while the migration's pod runs, and starts another. */
async function replaceWorker(sandbox: Sandbox, worker: ChildProcess, signal: AbortSignal): Promise<ChildProcess> {
  const cluster = await loadCluster({ name: 'demo', kubeconfigPath: sandbox.kubeconfigPath });
  try {
    await migrationRunning(cluster, signal);
  } finally {
    await cluster.close();
  }
  await endProcess(worker, 'SIGKILL');
  process.stderr.write(
    '\n*** the worker was killed with SIGKILL in the middle of the migration; starting another ***\n\n',
  );
  return startWorkerProcess(sandbox.env);
}

async function summarize(sandbox: Sandbox, options: DemoOptions, code: number): Promise<void> {
  const { created, pods } = await jobFacts(sandbox.auditLogPath, 'migrate');
  say('');
  say(`The sync ended with exit code ${String(code)}.`);
  say(
    `The API server's audit log: the migration was created ${times(created)} and ran in ${String(pods)} pod${pods === 1 ? '' : 's'}.`,
  );
  if (options.kill && created === 1 && pods === 1) say('The worker died in the middle, and the migration ran once.');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`;
}

async function keepUntilInterrupted(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  say('');
  say('Left running. In another terminal:');
  for (const [name, value] of Object.entries(sandbox.env)) say(`  export ${name}=${value}`);
  say(`Web UI: ${sandbox.temporalUiUrl}   kubeconfig: ${sandbox.kubeconfigPath}`);
  say('Stop everything with Ctrl-C here.');
  if (!signal.aborted) await once(signal, 'abort');
}

function progressWriter(): (event: SandboxProgress) => void {
  const lines = createProgressLines(process.stdout);
  return (event) => {
    if (event.kind === 'server') lines.line(event.text);
    else renderProgress(lines, event);
  };
}
