import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SynclineClient } from '../../../client/index.ts';
import { connect } from '../../../client/index.ts';
import { stringAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { annotationsOf, refOf as objectRefOf } from '../../../core/objects.ts';
import type { SyncRecord } from '../../../core/record/record.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { loadCluster } from '../../../kubernetes/kubeconfig.ts';
import type { Sandbox, SandboxDescription } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { ANNOTATION } from '../../../sandbox/simulation/annotations.ts';
import { E2E_USER, sharedSandbox } from '../../support/shared-servers.ts';
import type { WriteEvent, WriteFilter } from './audit.ts';
import { readAudit } from './audit.ts';
import type { Histories } from './histories.ts';
import { openHistories } from './histories.ts';
import { yamlOf } from './manifests.ts';
import { runCommand } from './commands.ts';
import type { CliResult, CommandInput, Environment, RunningCommand, WorkerProcess } from './processes.ts';
import { spawnCli, spawnWorker } from './processes.ts';
import { until } from './waiting.ts';

/** A sandbox, a worker in a process of its own, commands, and everything to look at what they do. */
export interface World {
  readonly sandbox: SandboxDescription;
  /** What commands and workers find in their environment. */
  readonly env: Environment;
  /** The cluster as the user `admin`, whom the audit log tells apart from Syncline. */
  readonly admin: Cluster;
  readonly client: SynclineClient;
  readonly histories: Histories;
  /** A fresh namespace and the application of the same name in it. */
  application(name: string): Promise<Application>;
  /** Runs a command to its end. */
  cli(args: readonly string[], input?: CommandInput): Promise<CliResult>;
  /** Starts a command. */
  start(args: readonly string[], input?: CommandInput): RunningCommand;
  /** Writes files into a new folder. */
  folder(files: Readonly<Record<string, string>>): Promise<string>;
  auditOf(filter?: WriteFilter): Promise<readonly WriteEvent[]>;
  /** Lets go of everything that is not shared. */
  stop(): Promise<void>;
}

/** A world whose servers and workers the test may stop and start. */
export interface OwnWorld extends World {
  readonly sandbox: Sandbox;
  /** The worker that was started last. */
  worker(): WorkerProcess;
  /** Starts a further worker. */
  startWorker(options?: { readonly env?: Environment; readonly args?: readonly string[] }): Promise<WorkerProcess>;
}

/** One application with a namespace of its own. */
export interface Application {
  readonly name: string;
  /** Runs `syncline sync` of a folder or of objects, and waits for its end. */
  sync(what: string | readonly KubernetesObject[], ...flags: readonly string[]): Promise<CliResult>;
  /** Starts `syncline sync`. */
  start(what: string | readonly KubernetesObject[], ...flags: readonly string[]): Promise<RunningCommand>;
  /** Our own writes in the namespace, dry runs left out. */
  writes(filter?: WriteFilter): Promise<readonly WriteEvent[]>;
  /** Everybody's writes in the namespace, subresources too. */
  events(): Promise<readonly WriteEvent[]>;
  get(
    kind: 'Job' | 'Pod' | 'ConfigMap' | 'Secret' | 'Service' | 'Deployment' | 'PersistentVolumeClaim',
    name: string,
  ): Promise<KubernetesObject | undefined>;
  list(kind: 'Job' | 'Pod' | 'ConfigMap'): Promise<readonly KubernetesObject[]>;
  /** Resolves once a pod whose name begins so has begun to run; one that does not hang may have ended by then. */
  podRuns(prefix: string): Promise<void>;
  /** Lets the pods that hang, and whose names begin so, end well. */
  letEnd(prefix: string): Promise<void>;
  /** Resolves once an object is gone: what is deleted in the foreground stays until its pods have gone. */
  gone(kind: 'Job' | 'Pod', name: string): Promise<void>;
  record(): Promise<SyncRecord>;
}

const API_VERSIONS: Readonly<Record<string, string>> = { Job: 'batch/v1', Deployment: 'apps/v1' };

/** What makes a pod of the sandbox run on without end. */
const HANG = ANNOTATION.hang;

/** Commands that make the process theirs: they write its log and listen to its signals. */
const SERVING: ReadonlySet<string> = new Set(['worker', 'server']);

/** How a world's commands are run. */
export interface CommandOptions {
  /** Each in a process of its own, as people run them; by default those alone that serve, and the others in the test's. */
  readonly processes?: boolean;
}

/** What world to start. */
export interface WorldOptions extends CommandOptions {
  /** Start a worker; true by default. */
  readonly worker?: boolean;
  /** A cluster to use in place of the sandbox's; it has no audit log to read. */
  readonly cluster?: { readonly kubeconfig: string; readonly context: string };
}

/** The world that files of tests share. Applications' names must differ in all of them; servers and worker stay as they are. */
export async function sharedWorld(options: CommandOptions = {}): Promise<World> {
  const sandbox = await sharedSandbox({ worker: true });
  return openWorld(sandbox, { ...sandbox.env, ...E2E_USER }, options);
}

/** Starts a world of the file's own. */
export async function startWorld(options: WorldOptions = {}): Promise<OwnWorld> {
  const { worker = true, cluster } = options;
  const sandbox = await startSandbox({ kubernetes: cluster === undefined });
  const external = cluster === undefined ? {} : { KUBECONFIG: cluster.kubeconfig };
  const env = { ...sandbox.env, ...external, ...E2E_USER };
  const own = cluster === undefined ? [] : ['--cluster', `default=${cluster.context}`];
  const workers: WorkerProcess[] = worker ? [await spawnWorker(env, own)] : [];
  const world = await openWorld(sandbox, env, options);
  return {
    ...world,
    sandbox,
    worker: () => workers.at(-1)!,
    async startWorker(options = {}) {
      const started = await spawnWorker({ ...env, ...options.env }, options.args ?? own);
      workers.push(started);
      return started;
    },
    async stop() {
      await Promise.all(workers.map((each) => each.end('SIGKILL')));
      await world.stop();
      await sandbox.stop();
    },
  };
}

/** Opens what looks at a sandbox and runs commands beside it. */
async function openWorld(
  sandbox: SandboxDescription,
  env: Environment,
  { cluster, processes = false }: Pick<WorldOptions, 'cluster' | 'processes'>,
): Promise<World> {
  const folders = await mkdtemp(join(tmpdir(), 'syncline-e2e-'));
  const admin = await loadCluster({
    name: 'default',
    kubeconfigPath: cluster?.kubeconfig ?? sandbox.kubeconfigs.admin,
    ...(cluster === undefined ? {} : { context: cluster.context }),
  });
  const client = await connect({ env: { ...process.env, ...env } });
  const histories = await openHistories(sandbox.temporalAddress);
  const stopping = new AbortController();
  const start: World['start'] = (args, input = {}) =>
    processes || SERVING.has(args[0] ?? '')
      ? spawnCli(args, env, input)
      : runCommand(args, env, input, stopping.signal);
  let made = 0;
  const world: World = {
    sandbox,
    env,
    admin,
    client,
    histories,
    application: async (name) => {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await admin.create(namespace, {}, signal());
      return applicationOf(world, name);
    },
    cli: (args, input) => start(args, input).ended,
    start,
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
      stopping.abort(new Error('the tests are over'));
      await Promise.all([client.close(), histories.close(), admin.close()]);
      await rm(folders, { recursive: true });
    },
  };
  return world;
}

function applicationOf(world: World, name: string): Application {
  const { admin } = world;
  const refOf = (kind: string) => ({ apiVersion: API_VERSIONS[kind] ?? 'v1', kind, namespace: name });
  const podsNamed = async (prefix: string): Promise<readonly KubernetesObject[]> =>
    (await admin.list(refOf('Pod'), signal())).filter((pod) => objectRefOf(pod).name.startsWith(prefix));
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
        const begun = (await podsNamed(prefix)).filter((pod) => stringAt(pod, 'status', 'phase') !== 'Pending');
        return begun.length > 0 || undefined;
      });
    },
    letEnd: async (prefix) => {
      const hanging = (await podsNamed(prefix)).filter((pod) => HANG in annotationsOf(pod));
      if (hanging.length === 0) throw new Error(`no pod ${prefix} hangs`);
      const step = { op: 'remove', path: `/metadata/annotations/${HANG.replace('/', '~1')}` } as const;
      await Promise.all(hanging.map((pod) => admin.patch(objectRefOf(pod), [step], signal())));
    },
    gone: async (kind, object) => {
      await until(`${kind} ${object} is gone`, async () => (await app.get(kind, object)) === undefined || undefined);
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
  return AbortSignal.timeout(60_000);
}
