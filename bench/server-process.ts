import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { tokenFile } from '../api/access/token-file.ts';
import { newToken } from '../api/access/token.ts';
import type { SynclineClient } from '../client/index.ts';
import { connectServer } from '../client/index.ts';

/** As it is published: reading TypeScript costs memory of its own. `npm run build` makes it. */
const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** `syncline server` in a process of its own. */
export interface ServerProcess {
  readonly pid: number;
  /** A client of it that may do anything. */
  readonly client: SynclineClient;
  stop(): Promise<void>;
}

/** Starts a server with an environment's Temporal, cluster and bundle store, and waits until it listens. Throws where it ends instead. */
export async function startServerProcess(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-bench-'));
  const tokens = join(folder, 'tokens.json');
  const { text, stored } = newToken({ subject: 'bench', roles: ['admin'], applications: ['*'] }, Date.now());
  await tokenFile(tokens).change(() => [stored]);
  const flags = ['--listen', '127.0.0.1:0', '--tokens', tokens, '--rate-limit', '100000'];
  const child = spawn(process.execPath, [CLI, 'server', ...flags], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const url = await addressIn(child.stdout);
  child.stdout.resume();
  const client = connectServer({ url, token: text });
  return {
    pid: child.pid ?? 0,
    client,
    async stop() {
      await client.close();
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function addressIn(log: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: log })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('the server has ended before it listened');
}
