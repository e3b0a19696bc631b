import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startCluster, type Cluster } from '../cluster/cluster.ts';
import { CONTEXT_NAME, writeSecret } from '../cluster/credentials.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { recordServer } from '../processes/state-folders.ts';
import { startSimulation, type Simulation } from '../simulation/simulation.ts';
import { startTemporal, TEMPORAL_NAMESPACE, type TemporalServer } from '../temporal/temporal-server.ts';
import type { SandboxDescription, SupervisorAction, SupervisorSettings } from './protocol.ts';

/** The parts of a sandbox, as far as they have been started. */
export interface RunningSandbox {
  /** Starts everything; throws with the cause of the first failure. */
  start(signal: AbortSignal): Promise<SandboxDescription>;
  /** Does what the owner asked for. */
  act(action: Exclude<SupervisorAction, 'stop'>): Promise<void>;
  /** Stops everything that was started, clients first; never throws. */
  stop(): Promise<void>;
  /** The pids of the servers that run now. */
  pids(): Readonly<Record<string, number>>;
}

/** Servers of one rank stop together, lower ranks first: whoever uses another stops before it. */
const STOP_RANK: Readonly<Record<string, number>> = { 'kube-apiserver': 1, etcd: 2 };
/** A state folder that is thrown away need not be left in order. */
const GRACE_MS = { kept: 10_000, discarded: 1500 };

/** Prepares a sandbox of these settings; nothing runs before `start`. */
export function createRunningSandbox(settings: SupervisorSettings, onProgress: (text: string) => void): RunningSandbox {
  const servers: ServerProcess[] = [];
  const parts: Parts = {};
  const onStart = async (server: ServerProcess): Promise<void> => {
    servers.push(server);
    void server.ended.then(({ asked, code, signal }) => {
      if (!asked) onProgress(`${server.name} ended unexpectedly (${signal ?? `exit code ${code ?? 'unknown'}`})`);
    });
    await recordServer(settings.stateDir, server.name, server.pid);
  };
  return {
    start: async (signal) => {
      for (const dir of ['logs', 'home', 'bundles']) {
        await mkdir(join(settings.stateDir, dir), { recursive: true, mode: 0o700 });
      }
      await startParts(settings, parts, { onStart, onProgress, signal });
      const description = describe(settings.stateDir, parts);
      await writeSecret(join(settings.stateDir, 'sandbox.json'), `${JSON.stringify(description, undefined, 2)}\n`);
      return description;
    },
    act: (action) => act(parts, action),
    stop: async () => {
      await parts.simulation?.stop();
      await stopInOrder(servers, settings.keepState ? GRACE_MS.kept : GRACE_MS.discarded);
    },
    pids: () => Object.fromEntries(servers.filter((server) => !server.hasEnded()).map(({ name, pid }) => [name, pid])),
  };
}

interface Parts {
  cluster?: Cluster;
  temporal?: TemporalServer;
  simulation?: Simulation;
}

interface StartContext {
  readonly onStart: (server: ServerProcess) => Promise<void>;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

async function startParts(settings: SupervisorSettings, parts: Parts, context: StartContext): Promise<void> {
  const { stateDir } = settings;
  // When one part fails the other is not waited for.
  const failure = new AbortController();
  const common = { stateDir, onStart: context.onStart, signal: AbortSignal.any([context.signal, failure.signal]) };
  const timed = async (what: string, start: () => Promise<void>): Promise<void> => {
    const since = performance.now();
    await start().catch((error: unknown) => {
      failure.abort(error);
      throw error;
    });
    context.onProgress(`${what} ready after ${((performance.now() - since) / 1000).toFixed(1)} s`);
  };
  const { kubernetes, temporal, auditBodies = false } = settings;
  const starting: Promise<void>[] = [];
  if (temporal !== undefined) {
    starting.push(
      timed('Temporal', async () => {
        parts.temporal = await startTemporal({
          ...common,
          binary: temporal.temporal,
          ...(temporal.dynamicConfig && { dynamicConfig: temporal.dynamicConfig }),
        });
      }),
    );
  }
  if (kubernetes !== undefined) {
    starting.push(
      timed('Kubernetes', async () => {
        const simulation = startSimulation(common.signal);
        parts.simulation = simulation;
        const { startKubelet } = simulation;
        const cluster = await startCluster({ ...common, binaries: kubernetes, startKubelet, auditBodies });
        parts.cluster = cluster;
        simulation.attach(cluster.api);
      }),
    );
  }
  await Promise.allSettled(starting);
  failure.signal.throwIfAborted();
}

async function act(parts: Parts, action: Exclude<SupervisorAction, 'stop'>): Promise<void> {
  switch (action) {
    case 'stop-temporal':
      return parts.temporal?.stop();
    case 'start-temporal':
      return parts.temporal?.start();
    case 'stop-api-server':
      return parts.cluster?.stopApiServer();
    case 'start-api-server':
      return parts.cluster?.startApiServer();
  }
}

async function stopInOrder(servers: readonly ServerProcess[], graceMs: number): Promise<void> {
  for (const rank of [0, 1, 2]) {
    const those = servers.filter(({ name }) => (STOP_RANK[name] ?? 0) === rank);
    await Promise.all(those.map((server) => server.stop(graceMs)));
  }
}

function describe(stateDir: string, parts: Parts): SandboxDescription {
  const { cluster, temporal } = parts;
  const none = { admin: '', syncline: '', sandbox: '', kwok: '', controllerManager: '', scheduler: '' };
  const kubeconfigs = cluster?.kubeconfigs ?? none;
  return {
    stateDir,
    kubeconfigPath: kubeconfigs.admin,
    contextName: cluster === undefined ? '' : CONTEXT_NAME,
    apiServer: cluster?.apiServer ?? '',
    auditLogPath: cluster?.auditLogPath ?? '',
    kubeconfigs,
    temporalAddress: temporal?.address ?? '',
    temporalNamespace: temporal === undefined ? '' : TEMPORAL_NAMESPACE,
    temporalUiUrl: temporal?.uiUrl ?? '',
    env: {
      ...(cluster && { KUBECONFIG: kubeconfigs.syncline }),
      ...(temporal && { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE }),
      SYNCLINE_BUNDLES: `file:${join(stateDir, 'bundles')}`,
    },
  };
}
