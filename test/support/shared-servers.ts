import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import type { Sandbox, SandboxDescription } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { WorkerProcess } from '../e2e/support/processes.ts';
import { spawnWorker } from '../e2e/support/processes.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the files of a run ask for the servers that they share. */
    readonly sharedServers: string;
  }
}

/** What the user `syncline` of the shared sandbox is called by those who ask for syncs. */
export const E2E_USER = { SYNCLINE_USER: 'e2e' } as const;

/** The shared worker renders from repositories that tests serve. */
const WORKER_FLAGS = ['--source', 'http://127.0.0.1:*'];

/**
 * Vitest's global set-up: lets files of tests share a sandbox and a worker, which start when the first file asks. They belong
 * to the process that runs all files, so they end with it, however it ends.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  let sandbox: Promise<Sandbox> | undefined;
  let worker: Promise<WorkerProcess> | undefined;
  const answer = async (request: IncomingMessage): Promise<SandboxDescription> => {
    const started = await (sandbox ??= startSandbox());
    if (request.url === '/worker') await (worker ??= spawnWorker({ ...started.env, ...E2E_USER }, WORKER_FLAGS));
    return started;
  };
  const server = createServer((request, response) => void respond(answer(request), response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  provide('sharedServers', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    await (await worker)?.end('SIGKILL');
    await (await sandbox)?.stop();
  };
}

async function respond(answer: Promise<SandboxDescription>, response: ServerResponse): Promise<void> {
  try {
    response.end(JSON.stringify(await answer));
  } catch (error) {
    response.writeHead(500).end(error instanceof Error ? error.stack : String(error));
  }
}

/** The sandbox that the files of a run share. Its servers must be left running, and namespaces be a file's own. */
export async function sharedSandbox(options: { readonly worker: boolean }): Promise<SandboxDescription> {
  const response = await fetch(`${inject('sharedServers')}${options.worker ? '/worker' : '/'}`);
  if (!response.ok) throw new Error(`the shared servers could not be started: ${await response.text()}`);
  return (await response.json()) as SandboxDescription;
}
