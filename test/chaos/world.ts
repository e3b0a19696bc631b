import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBundleStore } from '../../bundles/open-store.ts';
import { connect } from '../../client/index.ts';
import { loadCluster } from '../../kubernetes/kubeconfig.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { Histories } from '../e2e/support/histories.ts';
import { openHistories } from '../e2e/support/histories.ts';
import type { ApiProxy } from './faults/api-proxy.ts';
import { startApiProxy } from './faults/api-proxy.ts';
import type { Workers } from './faults/workers.ts';
import { startWorkers } from './faults/workers.ts';
import type { Driving } from './syncs/applications.ts';
import type { Timeline } from './timeline.ts';

/** Real servers, a proxy before one of them, and workers: what a run of the chaos test has of its own. */
export interface ChaosWorld extends Driving {
  readonly sandbox: Sandbox;
  readonly proxy: ApiProxy;
  readonly workers: Workers;
  close(): Promise<void>;
}

/** What workers a world has. */
export interface WorkerOptions {
  readonly workers: number;
  /** The main module of the command line that was built; absent = the sources. */
  readonly program?: string;
  /** A change of the sources that takes a safeguard away. */
  readonly mutant?: string;
}

/** Starts a world. */
export async function startChaosWorld(
  timeline: Timeline,
  { workers, program, mutant }: WorkerOptions,
): Promise<ChaosWorld> {
  const sandbox = await startSandbox({ auditBodies: true });
  const folder = await mkdtemp(join(tmpdir(), 'syncline-chaos-'));
  const proxy = await startApiProxy(sandbox.kubeconfigs.syncline);
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, proxy.kubeconfig, { mode: 0o600 });
  const loader = new URL('./mutated-worker.ts', import.meta.url).href;
  const mutated = mutant === undefined ? {} : { SYNCLINE_MUTANT: mutant, NODE_OPTIONS: `--import=${loader}` };
  const environment = { ...sandbox.env, KUBECONFIG: kubeconfig, ...mutated };
  const team = await startWorkers(environment, workers, program === undefined ? {} : { program });
  const admin = await loadCluster({ name: 'default', kubeconfigPath: sandbox.kubeconfigs.admin });
  const client = await connect({ env: { ...process.env, ...sandbox.env } });
  const histories: Histories = await openHistories(sandbox.temporalAddress);
  return {
    ...{ sandbox, proxy, workers: team, admin, client, timeline },
    temporal: histories.client,
    bundles: openBundleStore(sandbox.env['SYNCLINE_BUNDLES'] ?? ''),
    async close() {
      await team.close();
      await Promise.all([client.close(), histories.close(), admin.close(), proxy.close()]);
      await sandbox.stop();
      await rm(folder, { recursive: true });
    },
  };
}
