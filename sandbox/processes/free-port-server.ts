import { readLogTail } from '../../programs/log-tail.ts';
import type { Patience } from './waiting.ts';
import { waitFor } from './waiting.ts';
import { findFreePorts } from './ports.ts';
import { startServerProcess, type ServerCommand, type ServerProcess } from './server-process.ts';

/** A server whose command depends on ports that are chosen when it starts. */
export interface PortedServer {
  readonly portCount: number;
  readonly command: (ports: readonly number[]) => ServerCommand;
  /** Tells whether it truly serves; an error counts as "not yet". */
  readonly isReady: (ports: readonly number[]) => Promise<boolean>;
  /** Called with each process that is started, ready or not, so that none is forgotten. */
  readonly onStart: (process: ServerProcess) => Promise<void>;
}

/** A server that is ready, and where. */
export interface ReadyServer {
  readonly process: ServerProcess;
  readonly ports: readonly number[];
}

const PORT_TAKEN = /address already in use|EADDRINUSE|bind: address|port \d+ (is )?(already )?in use/i;
const ATTEMPTS = 4;

/**
 * Starts a server on free ports and waits until it serves.
 *
 * Between choosing a port and binding it another program may take it; the server then ends with "address already
 * in use" and is started once more on other ports. `fixedPorts` keeps the ports of an earlier run (a restart).
 *
 * @throws Error with the end of the server's log when it ends early or is not ready in time
 */
export async function startOnFreePorts(
  server: PortedServer,
  patience: Patience,
  fixedPorts?: readonly number[],
): Promise<ReadyServer> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = fixedPorts ?? (await findFreePorts(server.portCount));
    const process = await startServerProcess(server.command(ports));
    await server.onStart(process);
    try {
      await untilReady(server, process, ports, patience);
      return { process, ports };
    } catch (cause) {
      await process.stop(500);
      const tail = await readLogTail(process.logPath);
      if (attempt < ATTEMPTS && PORT_TAKEN.test(tail) && !patience.signal.aborted) continue;
      throw new Error(`${process.name} did not become ready; the end of ${process.logPath}:\n${tail}`, { cause });
    }
  }
}

async function untilReady(
  server: PortedServer,
  process: ServerProcess,
  ports: readonly number[],
  patience: Patience,
): Promise<void> {
  const early = new AbortController();
  void process.ended.then(({ code, signal }) =>
    early.abort(new Error(`${process.name} ended early (${signal ?? `exit code ${code ?? 'unknown'}`})`)),
  );
  const signal = AbortSignal.any([patience.signal, early.signal]);
  await waitFor(`${process.name} ready`, { ...patience, signal }, async () =>
    (await server.isReady(ports)) ? true : undefined,
  );
}
