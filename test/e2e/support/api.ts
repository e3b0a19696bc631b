import { join } from 'node:path';
import type { Role } from '../../../api/access/roles.ts';
import type { RunningCli } from './processes.ts';
import { until } from './waiting.ts';
import type { World } from './world.ts';

/** `syncline server` in a process of its own. */
export interface RunningServer {
  readonly url: string;
  readonly process: RunningCli;
  /** A new token. */
  token(role: Role, applications?: string): Promise<string>;
  /** Sends a request, as an admin unless a token is given. */
  send(path: string, init?: RequestInit & { readonly json?: object; readonly token?: string }): Promise<Response>;
  /** Tells it to stop and waits for its end. */
  stop(): Promise<void>;
}

/** Starts a server of a world and waits until it is ready. */
export async function startServer(world: World, ...flags: readonly string[]): Promise<RunningServer> {
  const tokens = join(await world.folder({}), 'tokens.json');
  const token: RunningServer['token'] = async (role, applications = '*') => {
    const made = await world.cli([
      'token',
      'create',
      '--tokens',
      tokens,
      '--subject',
      `the-${role}`,
      '--role',
      role,
      '--app',
      applications,
    ]);
    if (made.code !== 0) throw new Error(made.stderr);
    return made.stdout.trim();
  };
  const admin = await token('admin');
  const process = world.start(['server', '--listen', '127.0.0.1:0', '--tokens', tokens, ...flags]);
  const url = await until('the server listens', async () => {
    if (process.child.exitCode !== null) throw new Error(`the server has ended:\n${process.output()}`);
    return /https?:\/\/127\.0\.0\.1:\d+/.exec(process.output())?.[0];
  });
  return {
    url,
    process,
    token,
    send: (path, { json, token: text = admin, ...init } = {}) =>
      fetch(`${url}${path}`, {
        ...(json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }),
        ...init,
        headers: {
          authorization: `Bearer ${text}`,
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(init.headers as Record<string, string> | undefined),
        },
      }),
    async stop() {
      process.child.kill('SIGTERM');
      await process.ended;
    },
  };
}
