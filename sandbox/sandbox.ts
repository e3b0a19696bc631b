import { resolve } from 'node:path';
import { findBinaries } from '../programs/ladder.ts';
import type { BinaryName } from '../programs/catalogue.ts';
import type { BinaryProgress } from '../programs/progress.ts';
import { isSameProcess } from '../programs/process-identity.ts';
import {
  claimStateFolder,
  readStateFolder,
  reapStaleSandboxes,
  reapStateFolder,
  untilGone,
} from './processes/state-folders.ts';
import type { SandboxDescription, SupervisorSettings } from './supervisor/protocol.ts';
import { spawnSupervisor, type Supervisor } from './supervisor/spawn.ts';

export type { SandboxDescription } from './supervisor/protocol.ts';

/** What happens while a sandbox starts. */
export type SandboxProgress = BinaryProgress | { readonly kind: 'server'; readonly text: string };

/** What sandbox to start; by default all of it, in a fresh state folder that is removed at the end. */
export interface SandboxOptions {
  /** Where it keeps its state: an empty folder, or one that a sandbox kept. */
  readonly stateDir?: string;
  /** Keep the state folder when the sandbox stops; a later start with it goes on with its data. */
  readonly keepState?: boolean;
  /** Start Temporal; true by default. */
  readonly temporal?: boolean;
  /** Temporal's dynamic configuration as `key=value`; by default what makes a sync fast. */
  readonly temporalDynamicConfig?: readonly string[];
  /** Start Kubernetes; true by default. */
  readonly kubernetes?: boolean;
  /** Have the audit log tell what was written to Jobs, Pods and Deployments and what was answered; false by default. */
  readonly auditBodies?: boolean;
  /** Let it outlive this process, until `stopSandbox` is called. */
  readonly detach?: boolean;
  readonly onProgress?: (event: SandboxProgress) => void;
  /** Gives up the start. */
  readonly signal?: AbortSignal;
}

/** A sandbox that is ready. */
export interface Sandbox extends SandboxDescription {
  readonly supervisorPid: number;
  /** The servers' pids at this moment, by name. */
  pids(): Readonly<Record<string, number>>;
  stopTemporal(): Promise<void>;
  /** Starts Temporal again with the data and on the ports it had. */
  startTemporal(): Promise<void>;
  restartTemporal(): Promise<void>;
  stopApiServer(): Promise<void>;
  /** Starts the API server again with the data and on the port it had. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** Stops everything and, unless it is to be kept, removes the state folder. */
  stop(): Promise<void>;
}

const CLUSTER_BINARIES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;
const TEMPORAL_BINARIES = ['temporal'] as const;

/** Finds (or downloads, or builds) the servers' programs without starting anything; for CI and images. */
export async function prepareSandbox(
  options: Pick<SandboxOptions, 'temporal' | 'kubernetes' | 'onProgress' | 'signal'> = {},
): Promise<Readonly<Partial<Record<BinaryName, string>>>> {
  return findBinaries(wantedBinaries(options), options);
}

/**
 * Starts a sandbox: etcd, Kubernetes' control plane with one simulated node, and Temporal, each a process of its
 * own on a free loopback port. It ends with `stop`, and with this process, however that ends, unless `detach`.
 *
 * @throws Error that says what to install when a program is missing, or which server failed with its log
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { signal } = options;
  signal?.throwIfAborted();
  const paths = await findBinaries(wantedBinaries(options), options);
  await reapStaleSandboxes();
  const stateDir = await claimStateFolder(options.stateDir === undefined ? undefined : resolve(options.stateDir));
  const settings: SupervisorSettings = {
    stateDir,
    keepState: options.keepState ?? false,
    detach: options.detach ?? false,
    ...(options.auditBodies !== undefined && { auditBodies: options.auditBodies }),
    ...(options.kubernetes !== false && { kubernetes: pick(paths, CLUSTER_BINARIES) }),
    ...(options.temporal !== false && {
      temporal: {
        ...pick(paths, TEMPORAL_BINARIES),
        ...(options.temporalDynamicConfig && { dynamicConfig: [...options.temporalDynamicConfig] }),
      },
    }),
  };
  const supervisor = await spawnSupervisor(settings, (text) => options.onProgress?.({ kind: 'server', text }), signal);
  // A supervisor that is killed cannot stop its servers; while its owner lives, the owner does.
  void supervisor.ended.then(() => sweepUp(stateDir)).catch(() => undefined);
  return present(supervisor, stateDir);
}

/**
 * Stops the sandbox of a state folder, whoever started it; does nothing when none runs there.
 *
 * @throws Error when its supervisor does not end in time
 */
export async function stopSandbox(stateDir: string): Promise<void> {
  const record = await readStateFolder(resolve(stateDir));
  if (record === undefined) return;
  if (await isSameProcess(record.supervisor)) {
    process.kill(record.supervisor.pid, 'SIGTERM');
    await untilGone(record.supervisor, 30_000);
  }
  await reapStateFolder(record);
}

function present(supervisor: Supervisor, stateDir: string): Sandbox {
  const { request } = supervisor;
  const stopTemporal = (): Promise<void> => request('stop-temporal');
  const startTemporal = (): Promise<void> => request('start-temporal');
  const stopApiServer = (): Promise<void> => request('stop-api-server');
  const startApiServer = (): Promise<void> => request('start-api-server');
  return {
    ...supervisor.description,
    supervisorPid: supervisor.pid,
    pids: supervisor.pids,
    stopTemporal,
    startTemporal,
    restartTemporal: () => stopTemporal().then(startTemporal),
    stopApiServer,
    startApiServer,
    restartApiServer: () => stopApiServer().then(startApiServer),
    stop: async () => {
      await supervisor.stop();
      await sweepUp(stateDir);
    },
  };
}

/** Clears away what a supervisor that did not end by itself left; nothing, when it did. */
async function sweepUp(stateDir: string): Promise<void> {
  const record = await readStateFolder(stateDir);
  if (record === undefined || (await isSameProcess(record.supervisor))) return;
  await reapStateFolder(record);
}

function wantedBinaries(options: Pick<SandboxOptions, 'temporal' | 'kubernetes'>): readonly BinaryName[] {
  return [
    ...(options.kubernetes === false ? [] : CLUSTER_BINARIES),
    ...(options.temporal === false ? [] : TEMPORAL_BINARIES),
  ];
}

function pick<N extends BinaryName>(
  paths: Readonly<Partial<Record<BinaryName, string>>>,
  names: readonly N[],
): Readonly<Record<N, string>> {
  return Object.fromEntries(names.map((name) => [name, paths[name] ?? ''])) as Record<N, string>;
}
