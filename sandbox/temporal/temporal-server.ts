import { join } from 'node:path';
import { serverCommand } from '../cluster/commands.ts';
import { startOnFreePorts, type PortedServer } from '../processes/free-port-server.ts';
import { LOOPBACK } from '../processes/ports.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { callUnary } from './grpc-probe.ts';

/** The namespace that the dev server makes and everything of the sandbox uses. */
export const TEMPORAL_NAMESPACE = 'default';

/** What Temporal's dev server is started with. */
export interface TemporalRequest {
  readonly stateDir: string;
  readonly binary: string;
  /** Dynamic configuration as `key=value`; absent = what makes a sync fast. */
  readonly dynamicConfig?: readonly string[];
  readonly onStart: (process: ServerProcess) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Temporal's dev server with its UI, its data in one SQLite file. */
export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string;
  stop(): Promise<void>;
  /** Starts it again with the data and on the ports it had; resolves when it serves. */
  start(): Promise<void>;
}

/**
 * Settings a sync needs to be fast: by default the transfer queue is read 20 times a second once its burst is
 * spent, which makes an activity in sequence take 83 ms instead of 11 ms.
 */
const DYNAMIC_CONFIG = ['history.transferProcessorMaxPollRPS=2000', 'system.enableActivityEagerExecution=true'];

/**
 * By default SQLite waits for the disk at the end of each transaction, which makes ten syncs take 17 s instead of 4 s. Without
 * that the data outlives the end of the server, by SIGKILL too, but not the end of the machine.
 */
const SQLITE_PRAGMAS = ['journal_mode=wal', 'synchronous=off'];
const GRACE_MS = 5000;

/** Starts the dev server and waits until it serves the namespace. */
export async function startTemporal(demand: TemporalRequest): Promise<TemporalServer> {
  const { signal } = demand;
  const patience = { timeoutMs: 60_000, everyMs: 40, signal };
  const spec: PortedServer = {
    portCount: 2,
    command: ([port = 0, uiPort = 0]) =>
      serverCommand(demand, 'temporal', demand.binary, [
        'server',
        'start-dev',
        `--ip=${LOOPBACK}`,
        `--port=${port}`,
        `--ui-ip=${LOOPBACK}`,
        `--ui-port=${uiPort}`,
        `--db-filename=${join(demand.stateDir, 'temporal.db')}`,
        `--namespace=${TEMPORAL_NAMESPACE}`,
        '--log-level=warn',
        ...SQLITE_PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma]),
        ...(demand.dynamicConfig ?? DYNAMIC_CONFIG).flatMap((setting) => ['--dynamic-config-value', setting]),
      ]),
    isReady: ([port = 0]) => isServing(`${LOOPBACK}:${port}`, signal),
    onStart: demand.onStart,
  };
  let current = await startOnFreePorts(spec, patience);
  const { ports } = current;
  return {
    address: `${LOOPBACK}:${ports[0] ?? 0}`,
    uiUrl: `http://${LOOPBACK}:${ports[1] ?? 0}`,
    stop: () => current.process.stop(GRACE_MS),
    start: async () => {
      if (current.process.hasEnded()) current = await startOnFreePorts(spec, patience, ports);
    },
  };
}

async function isServing(address: string, signal: AbortSignal): Promise<boolean> {
  const ask = (method: string, argument: string) => callUnary({ address, method, argument, signal });
  const health = await ask('/grpc.health.v1.Health/Check', 'temporal.api.workflowservice.v1.WorkflowService');
  // HealthCheckResponse { status: SERVING } is field 1 with the value 1.
  if (health.status !== 0 || !health.message.equals(Buffer.from([0x08, 0x01]))) return false;
  const method = '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace';
  return (await ask(method, TEMPORAL_NAMESPACE)).status === 0;
}
