import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { LOOPBACK } from '../processes/ports.ts';
import { startOnFreePorts, type PortedServer, type ReadyServer } from '../processes/free-port-server.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import type { Patience } from '../processes/waiting.ts';
import { createApiClient, type ApiClient } from './api.ts';
import { createBaseObjects, waitUntilUsable } from './bootstrap.ts';
import * as commands from './commands.ts';
import { auditPolicy, schedulerConfiguration } from './configuration-files.ts';
import { createCredentials, writeKubeconfigs, writeSecret, type IdentityName } from './credentials.ts';
import { isEtcdHealthy } from './etcd-health.ts';
import { stagesDocument } from '../simulation/stages.ts';

/** What a cluster is started with. */
export interface ClusterRequest {
  readonly stateDir: string;
  readonly binaries: commands.ClusterBinaries;
  /** Starts the endpoint that serves container logs and gives its port; called before kwok needs it. */
  readonly startKubelet: (files: commands.ClusterLayout['credentials']['files']) => Promise<number>;
  readonly onStart: (process: ServerProcess) => Promise<void>;
  /** Whether the audit log has the bodies of writes to workloads. */
  readonly auditBodies: boolean;
  readonly signal: AbortSignal;
}

/** A cluster that is ready. */
export interface Cluster {
  readonly apiServer: string;
  readonly auditLogPath: string;
  readonly kubeconfigs: Readonly<Record<IdentityName, string>>;
  /** A client that acts as the sandbox itself. */
  readonly api: ApiClient;
  stopApiServer(): Promise<void>;
  /** Starts the API server again on the port it had, and its controllers afresh; resolves when pods can run. */
  startApiServer(): Promise<void>;
}

const START_PATIENCE = { timeoutMs: 60_000, everyMs: 40 };
/** It drains its watches for long after SIGTERM; nothing here depends on that. */
const API_SERVER_GRACE_MS = 1000;

/**
 * Starts etcd, API server, controller manager, scheduler and kwok, and waits until pods can run.
 *
 * @throws Error that names the server that failed, with the end of its log
 */
export async function startCluster(demand: ClusterRequest): Promise<Cluster> {
  const { stateDir, signal } = demand;
  const patience: Patience = { ...START_PATIENCE, signal };
  const layout = await prepareLayout(demand);
  const probe = createHealthProbe(layout.credentials.authorityPem, signal);
  const start: Start = (server, fixed) => startOnFreePorts({ ...server, onStart: demand.onStart }, patience, fixed);
  await start({
    portCount: 0,
    command: () => commands.etcdCommand(layout),
    isReady: () => isEtcdHealthy('etcd.sock:0', signal),
  });
  const apiServerSpec = {
    portCount: 1,
    command: ([port = 0]: readonly number[]) => commands.apiServerCommand(layout, port),
    isReady: ([port = 0]: readonly number[]) => probe(`https://${LOOPBACK}:${port}/readyz`),
  };
  let current = await start(apiServerSpec);
  const { ports } = current;
  const apiServer = `https://${LOOPBACK}:${ports[0] ?? 0}`;
  const kubeconfigs = await writeKubeconfigs(join(stateDir, 'kubeconfigs'), apiServer, layout.credentials);
  const api = createApiClient(apiServer, layout.credentials.tokens.sandbox, layout.credentials.authorityPem);
  const specs = await describeControllers({ demand, layout, kubeconfigs, probe });
  let controllers = await startAll(specs, start, bootstrap(api, signal));
  return {
    apiServer,
    auditLogPath: layout.auditLogPath,
    kubeconfigs,
    api,
    stopApiServer: () => current.process.stop(API_SERVER_GRACE_MS),
    startApiServer: async () => {
      if (!current.process.hasEnded()) return;
      current = await start(apiServerSpec, ports);
      // Controllers wait up to a minute before they ask a server again that was away; fresh ones ask at once.
      await Promise.all(controllers.map((controller) => controller.process.stop(0)));
      controllers = await startAll(specs, start, waitUntilUsable(api, signal));
    },
  };
}

type Start = (server: ControllerSpec, fixedPorts?: readonly number[]) => Promise<ReadyServer>;
type ControllerSpec = Omit<PortedServer, 'onStart'>;

async function startAll(
  specs: readonly ControllerSpec[],
  start: Start,
  usable: Promise<void>,
): Promise<readonly ReadyServer[]> {
  const [servers] = await Promise.all([Promise.all(specs.map((spec) => start(spec))), usable]);
  return servers;
}

interface ControllersRequest {
  readonly demand: ClusterRequest;
  readonly layout: commands.ClusterLayout;
  readonly kubeconfigs: Cluster['kubeconfigs'];
  readonly probe: (url: string) => Promise<boolean>;
}

async function describeControllers(parts: ControllersRequest): Promise<readonly ControllerSpec[]> {
  const { demand, layout, kubeconfigs, probe } = parts;
  const schedulerPath = join(demand.stateDir, 'scheduler.yaml');
  await writeSecret(schedulerPath, schedulerConfiguration(kubeconfigs.scheduler));
  const stagesPath = join(demand.stateDir, 'stages.yaml');
  await writeSecret(stagesPath, stagesDocument(await demand.startKubelet(layout.credentials.files)));
  const isReady = ([port = 0]: readonly number[]): Promise<boolean> => probe(`https://${LOOPBACK}:${port}/healthz`);
  return [
    {
      portCount: 1,
      command: ([port = 0]) => commands.controllerManagerCommand(layout, kubeconfigs.controllerManager, port),
      isReady,
    },
    {
      portCount: 1,
      command: ([port = 0]) => commands.schedulerCommand(layout, schedulerPath, port),
      isReady,
    },
    // kwok has no health endpoint here; that the node becomes ready is the proof.
    {
      portCount: 0,
      command: () => commands.kwokCommand(layout, kubeconfigs.kwok, stagesPath),
      isReady: () => Promise.resolve(true),
    },
  ];
}

async function bootstrap(api: ApiClient, signal: AbortSignal): Promise<void> {
  await createBaseObjects(api, signal);
  await waitUntilUsable(api, signal);
}

async function prepareLayout(demand: ClusterRequest): Promise<commands.ClusterLayout> {
  const { stateDir, binaries, auditBodies } = demand;
  await mkdir(join(stateDir, 'audit'), { recursive: true, mode: 0o700 });
  const auditPolicyPath = join(stateDir, 'audit-policy.yaml');
  await writeSecret(auditPolicyPath, auditPolicy(auditBodies));
  const credentials = await createCredentials(join(stateDir, 'pki'));
  return { stateDir, binaries, credentials, auditPolicyPath, auditLogPath: join(stateDir, 'audit', 'audit.log') };
}

function createHealthProbe(authorityPem: string, signal: AbortSignal): (url: string) => Promise<boolean> {
  const dispatcher = new Agent({ connect: { ca: authorityPem }, pipelining: 0 });
  return async (url) => {
    const { statusCode, body } = await request(url, { dispatcher, signal });
    await body.dump();
    return statusCode === 200;
  };
}
