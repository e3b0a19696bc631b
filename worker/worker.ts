import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { BundleStore } from '../bundles/bundle-store.ts';
import { openBundleStore } from '../bundles/open-store.ts';
import type { CheckSource } from '../checks/check-source.ts';
import type { HealthChecks } from '../checks/health-checks.ts';
import { openHealthChecks } from '../checks/health-checks.ts';
import type { AccountPolicy } from '../core/accounts/account.ts';
import { failure } from '../core/failures.ts';
import type { Retention } from '../core/retention/retention.ts';
import { HOOK_QUEUE, SYNC_QUEUE } from '../core/sync/queues.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import type { Notifier } from '../notifications/notifier.ts';
import { createActivities } from './activities.ts';
import { queueActivities } from './queue-activities.ts';
import { createPathFinder } from '../threads/jq/path-finder.ts';
import type { ClusterSetting } from './clusters.ts';
import { openClusters } from './clusters.ts';
import { startCollecting } from './collection-loop.ts';
import { runsKnownTo } from './known-runs.ts';
import { installTemporalLogging } from './logging.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { standingIn } from './standing.ts';
import { runningInTemporal, startSweeping } from './sweep-loop.ts';
import { notificationActivities } from './notification-activities.ts';
import { promotionOf, versionIn, versioned } from './versioning.ts';
import { workflowSource } from './workflow-bundle.ts';

/** How a worker is set up. Temporal's address, namespace and credentials come from the TEMPORAL_* variables. */
export interface SynclineWorkerOptions {
  readonly clusters: readonly ClusterSetting[];
  /** The bundle store, e.g. `file:/var/lib/syncline`. */
  readonly bundles: string;
  /** Where health checks are besides the built-in rules; the first source that knows a kind decides. */
  readonly checks: readonly CheckSource[];
  /** What syncs may act as. */
  readonly accounts: AccountPolicy;
  /** How long the store keeps what nothing under way needs. */
  readonly retention: Retention;
  /** The namespace where each cluster's applications are defined. @default `syncline` */
  readonly definitions?: string;
  /** Globs of the locations that it may render applications from for webhooks and schedules. @default none */
  readonly sources?: readonly string[];
  /** Tells what happens to syncs; closed with the worker. Absent = nobody is told. */
  readonly notifier?: Notifier;
  readonly log: Logger;
}

/** A worker that has connected and polls once it is run. */
export interface SynclineWorker {
  /** Runs until `shutdown` is called; then waits for what can end within the grace period. Closes every connection. */
  run(): Promise<void>;
  /** Begins the shutdown. Hooks that are waited for run on in the cluster; another worker adopts them. */
  shutdown(): void;
}

/** Waiting costs a slot and little else; working shares the cluster's connections. */
const MOST_WAITS = 2_000;
const MOST_WORK = 100;

const SHUTDOWN = { shutdownGraceTime: '5 seconds', shutdownForceTime: '15 seconds' } as const;

/** Cancels must reach a waiting hook soon: heartbeats are sent at least this often. */
const THROTTLE = { maxHeartbeatThrottleInterval: '1 second', defaultHeartbeatThrottleInterval: '1 second' } as const;

/**
 * Connects a worker to Temporal and its clusters and registers the search attributes. Throws when Temporal or a cluster
 * can't be reached, and where health checks can't be read.
 */
export async function startWorker(options: SynclineWorkerOptions): Promise<SynclineWorker> {
  const { log } = options;
  installTemporalLogging(log, 'INFO');
  const stop = new AbortController();
  const { connection, namespace, address } = await connect();
  await registerOrWarn(connection, namespace, log);
  const clusters = await openClusters(options.clusters, options.accounts, stop.signal);
  const [firstCluster] = clusters.opened();
  const client = new Client({ connection, namespace });
  const temporal = await temporalIdentity(client, namespace, address);
  const store = openBundleStore(options.bundles, firstCluster === undefined ? {} : { cluster: firstCluster });
  const bundles = store.ownedBy(temporal.id);
  const checks = await openChecks(options, stop.signal);
  const paths = createPathFinder();
  const triggers = { rendering: { allowed: options.sources ?? [], env: process.env }, standing: standingIn(client) };
  const known = { cluster: clusters.get, bundles, paths, temporal };
  const deps: ActivityDependencies = { ...known, triggers, ...checks, ...chosen(options) };
  const activities = { ...createActivities(deps), ...queueActivities(client), ...notificationActivities(deps, log) };
  const workers = await createWorkers(connection, namespace, activities, log);
  const served = options.clusters.map(({ name }) => name);
  log.info({ namespace, clusters: served, bundles: bundles.description }, 'worker is ready');
  return {
    async run() {
      startLoops({ client, temporalId: temporal.id, clusters: clusters.opened(), bundles }, options, stop.signal);
      try {
        await Promise.all(workers.map((worker) => worker.run()));
      } finally {
        stop.abort();
        await checks.checks?.close();
        await paths.close();
        await options.notifier?.close();
        await clusters.close();
        await connection.close();
      }
    },
    shutdown: () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}

/** What the options say for activities alone. */
function chosen({ notifier, definitions }: SynclineWorkerOptions): Partial<ActivityDependencies> {
  return { ...(definitions === undefined ? {} : { definitions }), ...(notifier === undefined ? {} : { notifier }) };
}

async function registerOrWarn(connection: NativeConnection, namespace: string, log: Logger): Promise<void> {
  const registration = await registerSearchAttributes(connection, namespace);
  if (registration.kind !== 'refused') return;
  log.warn({ command: registration.command, why: registration.why }, 'search attributes are not registered');
}

interface LoopParts {
  readonly client: Client;
  /** The ID of Temporal's namespace. */
  readonly temporalId: string;
  readonly clusters: readonly Cluster[];
  readonly bundles: BundleStore;
}

/** Begins what a worker does from time to time, besides the activities it is asked for. */
function startLoops(
  { client, temporalId, clusters, bundles }: LoopParts,
  { log, retention }: SynclineWorkerOptions,
  signal: AbortSignal,
): void {
  startSweeping(clusters, (cluster) => runningInTemporal(client, cluster, temporalId), log, signal);
  const runsOf = runsKnownTo(client);
  startCollecting({ store: bundles, owner: temporalId, clusters, runsOf, retention, now: Date.now }, log, signal);
}

/** Without a source there is nothing to open, and nothing is asked for any object. */
async function openChecks(
  { checks, log }: SynclineWorkerOptions,
  signal: AbortSignal,
): Promise<{ readonly checks?: HealthChecks }> {
  if (checks.length === 0) return {};
  return { checks: await openHealthChecks(checks, (problem) => log.warn({ problem }, 'health checks'), signal) };
}

interface Connected {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly address: string;
}

async function connect(): Promise<Connected> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const address = connectionOptions.address ?? 'localhost:7233';
  try {
    return { connection: await NativeConnection.connect(connectionOptions), namespace, address };
  } catch (error) {
    const remedy = 'set TEMPORAL_ADDRESS, or start one with: syncline dev';
    throw failure('TemporalUnavailable', `Temporal can't be reached at ${address}`, { remedy }, { cause: error });
  }
}

/** The namespace's own ID tells two Temporals apart, whatever they are called. */
async function temporalIdentity(
  client: Client,
  namespace: string,
  address: string,
): Promise<ActivityDependencies['temporal']> {
  const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace });
  return { id: namespaceInfo?.id ?? namespace, name: `${namespace} at ${address}` };
}

async function createWorkers(
  connection: NativeConnection,
  namespace: string,
  activities: object,
  log: Logger,
): Promise<readonly Worker[]> {
  const version = versionIn(process.env);
  if (version !== undefined) log.info({ ...version, promotion: promotionOf(version) }, 'worker has a version');
  const shared = { connection, namespace, activities, ...SHUTDOWN, ...THROTTLE, ...versioned(version) };
  return Promise.all([
    Worker.create({
      ...shared,
      ...workflowSource(),
      taskQueue: SYNC_QUEUE,
      maxConcurrentActivityTaskExecutions: MOST_WORK,
    }),
    Worker.create({ ...shared, taskQueue: HOOK_QUEUE, maxConcurrentActivityTaskExecutions: MOST_WAITS }),
  ]);
}
