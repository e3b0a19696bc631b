import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SynclineClient } from '../../../client/index.ts';
import { connect } from '../../../client/index.ts';
import { stringAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import type { SyncRecord } from '../../../core/record/record.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { loadCluster } from '../../../kubernetes/kubeconfig.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import type { WriteEvent, WriteFilter } from './audit.ts';
import { readAudit } from './audit.ts';
import type { Histories } from './histories.ts';
import { openHistories } from './histories.ts';
import { yamlOf } from './manifests.ts';
import type { CliInput, CliResult, Environment, RunningCli, WorkerProcess } from './processes.ts';
import { spawnCli, spawnWorker } from './processes.ts';
import { until } from './waiting.ts';

/** A sandbox, a worker in a process of its own, and everything to look at what they do. */
export interface World {
  readonly sandbox: Sandbox;
  /** What commands and workers find in their environment. */
  readonly env: Environment;
  /** The cluster as the user `admin`, whom the audit log tells apart from Syncline. */
  readonly admin: Cluster;
  readonly client: SynclineClient;
  readonly histories: Histories;
  /** The worker that was started last. */
  worker(): WorkerProcess;
  /** Starts a further worker. */
  startWorker(options?: { readonly env?: Environment; readonly args?: readonly string[] }): Promise<WorkerProcess>;
  /** A fresh namespace and the application of the same name in it. */
  application(name: string): Promise<Application>;
  /** Runs a command to its end. */
  cli(args: readonly string[], input?: CliInput): Promise<CliResult>;
  /** Starts a command. */
  start(args: readonly string[], input?: CliInput): RunningCli;
  /** Writes files into a new folder. */
  folder(files: Readonly<Record<string, string>>): Promise<string>;
  auditOf(filter?: WriteFilter): Promise<readonly WriteEvent[]>;
  stop(): Promise<void>;
}

/** One application with a namespace of its own. */
export interface Application {
  readonly name: string;
  /** Runs `syncline sync` of a folder or of objects, and waits for its end. */
  sync(what: string | readonly KubernetesObject[], ...flags: readonly string[]): Promise<CliResult>;
  /** Starts `syncline sync`. */
  start(what: string | readonly KubernetesObject[], ...flags: readonly string[]): Promise<RunningCli>;
  /** Our own writes in the namespace, dry runs left out. */
  writes(filter?: WriteFilter): Promise<readonly WriteEvent[]>;
  /** Everybody's writes in the namespace, subresources too. */
  events(): Promise<readonly WriteEvent[]>;
  get(
    kind: 'Job' | 'Pod' | 'ConfigMap' | 'Secret' | 'Service' | 'Deployment' | 'PersistentVolumeClaim',
    name: string,
  ): Promise<KubernetesObject | undefined>;
  list(kind: 'Job' | 'Pod' | 'ConfigMap'): Promise<readonly KubernetesObject[]>;
  /** Resolves once a pod whose name begins so runs. */
  podRuns(prefix: string): Promise<void>;
  record(): Promise<SyncRecord>;
}

const API_VERSIONS: Readonly<Record<string, string>> = { Job: 'batch/v1', Deployment: 'apps/v1' };

/** What world to start. */
export interface WorldOptions {
  /** Start a worker; true by default. */
  readonly worker?: boolean;
  /** A cluster to use in place of the sandbox's; it has no audit log to read. */
  readonly cluster?: { readonly kubeconfig: string; readonly context: string };
}

/** Starts a world. */
export async function startWorld({ worker = true, cluster }: WorldOptions = {}): Promise<World> {
  const sandbox = await startSandbox({ kubernetes: cluster === undefined });
  const folders = await mkdtemp(join(tmpdir(), 'syncline-e2e-'));
  const external = cluster === undefined ? {} : { KUBECONFIG: cluster.kubeconfig };
  const env = { ...sandbox.env, ...external, SYNCLINE_USER: 'e2e' };
  const own = cluster === undefined ? [] : ['--cluster', `default=${cluster.context}`];
  const admin = await loadCluster({
    name: 'default',
    kubeconfigPath: cluster?.kubeconfig ?? sandbox.kubeconfigs.admin,
    ...(cluster === undefined ? {} : { context: cluster.context }),
  });
  const workers: WorkerProcess[] = worker ? [await spawnWorker(env, own)] : [];
  const client = await connect({ env: { ...process.env, ...env } });
  const histories = await openHistories(sandbox.temporalAddress);
  let made = 0;
  const world: World = {
    sandbox,
    env,
    admin,
    client,
    histories,
    worker: () => workers.at(-1)!,
    async startWorker(options = {}) {
      const started = await spawnWorker({ ...env, ...options.env }, options.args ?? own);
      workers.push(started);
      return started;
    },
    application: async (name) => {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await admin.create(namespace, {}, signal());
      return applicationOf(world, name);
    },
    cli: (args, input) => spawnCli(args, env, input).ended,
    start: (args, input) => spawnCli(args, env, input),
    async folder(files) {
      made += 1;
      const path = join(folders, String(made));
      await mkdir(path);
      for (const [file, text] of Object.entries(files)) {
        await mkdir(dirname(join(path, file)), { recursive: true });
        await writeFile(join(path, file), text);
      }
      return path;
    },
    auditOf: (filter) => readAudit(sandbox.auditLogPath, admin, filter),
    async stop() {
      await Promise.all(workers.map((each) => each.end('SIGKILL')));
      await Promise.all([client.close(), histories.close(), admin.close()]);
      await sandbox.stop();
      await rm(folders, { recursive: true });
    },
  };
  return world;
}

function applicationOf(world: World, name: string): Application {
  const { admin } = world;
  const refOf = (kind: string) => ({ apiVersion: API_VERSIONS[kind] ?? 'v1', kind, namespace: name });
  const app: Application = {
    name,
    async start(what, ...flags) {
      const path = typeof what === 'string' ? what : await world.folder({ 'app.yaml': yamlOf(...what) });
      return world.start(['sync', path, '--app', name, '-n', name, ...flags]);
    },
    sync: async (what, ...flags) => (await app.start(what, ...flags)).ended,
    writes: (filter = {}) => world.auditOf({ user: 'syncline', namespace: name, dryRun: false, ...filter }),
    events: () => world.auditOf({ namespace: name, objectsOnly: false }),
    get: (kind, object) => admin.get({ ...refOf(kind), name: object }, signal()),
    list: (kind) => admin.list(refOf(kind), signal()),
    podRuns: async (prefix) => {
      await until(`a pod ${prefix} runs`, async () => {
        const pods = await admin.list(refOf('Pod'), signal());
        const running = pods.filter((pod) => stringAt(pod, 'status', 'phase') === 'Running');
        return running.some((pod) => stringAt(pod, 'metadata', 'name')?.startsWith(prefix)) || undefined;
      });
    },
    async record() {
      const stored = await admin.get({ ...refOf('ConfigMap'), name: `syncline.${name}` }, signal());
      return JSON.parse(stringAt(stored, 'data', 'record') ?? 'null') as SyncRecord;
    },
  };
  return app;
}

/** Each look at the cluster may take so long. */
function signal(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
