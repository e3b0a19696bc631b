import pino from 'pino';
import type { SynclineClient, SyncOptions, SyncResult } from '../client/index.ts';
import { connect } from '../client/index.ts';
import { ANY_ACCOUNT } from '../core/accounts/account.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { DEFAULT_RETENTION } from '../core/retention/retention.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { loadCluster } from '../kubernetes/kubeconfig.ts';
import type { Sandbox, SandboxOptions } from '../sandbox/sandbox.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { startWorker } from '../worker/worker.ts';
import { manifestsOf } from './manifests.ts';

/** A sandbox with a worker in this process and a client. */
export interface BenchEnvironment {
  readonly sandbox: Sandbox;
  readonly cluster: Cluster;
  readonly client: SynclineClient;
  /** Syncs objects and answers the result and how long it took from the client's call to its answer, ms. */
  sync(
    application: string,
    objects: readonly KubernetesObject[],
    options?: Partial<SyncOptions>,
  ): Promise<{ result: SyncResult; ms: number }>;
  stop(): Promise<void>;
}

/** Starts everything a measurement needs. */
export async function startBench(options: SandboxOptions = {}): Promise<BenchEnvironment> {
  const sandbox = await startSandbox(options);
  Object.assign(process.env, sandbox.env);
  const bundles = sandbox.env['SYNCLINE_BUNDLES'] ?? '';
  const worker = await startWorker({
    clusters: [{ name: 'default' }],
    bundles,
    checks: [],
    retention: DEFAULT_RETENTION,
    accounts: ANY_ACCOUNT,
    log: pino({ level: 'silent' }),
  });
  const running = worker.run();
  const client = await connect();
  const cluster = await loadCluster({ name: 'default' });
  return {
    sandbox,
    cluster,
    client,
    async sync(application, objects, syncOptions = {}) {
      const start = performance.now();
      const order = {
        application,
        cluster: 'default',
        namespace: application,
        requestedBy: 'bench',
        manifests: manifestsOf(objects),
      };
      const handle = await client.sync({ ...order, options: syncOptions });
      const result = await handle.result();
      return { result, ms: performance.now() - start };
    },
    async stop() {
      worker.shutdown();
      await running;
      await client.close();
      await cluster.close();
      await sandbox.stop();
    },
  };
}
