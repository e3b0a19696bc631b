import { join } from 'node:path';
import type { Role } from '../../../api/access/roles.ts';
import type { CliResult, RunningCli } from './processes.ts';
import { spawnCli } from './processes.ts';
import { until } from './waiting.ts';
import type { World } from './world.ts';

/** `syncline server` in a process of its own. */
export interface RunningServer {
  readonly url: string;
  /** The process that was started last. */
  readonly process: RunningCli;
  /** A new token. */
  token(role: Role, applications?: string): Promise<string>;
  /** Sends a request, as an admin unless a token is given. */
  send(path: string, init?: RequestInit & { readonly json?: object; readonly token?: string }): Promise<Response>;
  /** Runs a command that knows the server and a token, an admin's unless one is given, and nothing else: no Temporal, no store, no cluster. */
  cli(args: readonly string[], token?: string): Promise<CliResult>;
  /** Starts such a command. */
  start(args: readonly string[], token?: string): RunningCli;
  /** Kills it, and starts it again at the same address after a while, ms. */
  restart(awayMs: number): Promise<void>;
  /** Tells it to stop and waits for its end. */
  stop(): Promise<void>;
}

/** Starts a server of a world and waits until it is ready. */
export async function startServer(world: World, ...flags: readonly string[]): Promise<RunningServer> {
  const tokens = join(await world.folder({}), 'tokens.json');
  const token: RunningServer['token'] = async (role, applications = '*') => {
    const flagsOf = ['--subject', `the-${role}`, '--role', role, '--app', applications];
    const made = await world.cli(['token', 'create', '--tokens', tokens, ...flagsOf]);
    if (made.code !== 0) throw new Error(made.stderr);
    return made.stdout.trim();
  };
  const admin = await token('admin');
  let process = serve(world, '127.0.0.1:0', tokens, flags);
  const url = await listening(process);
  const start: RunningServer['start'] = (args, text = admin) =>
    spawnCli(args, { SYNCLINE_SERVER: url, SYNCLINE_TOKEN: text });
  return {
    url,
    get process() {
      return process;
    },
    token,
    start,
    cli: (args, text) => start(args, text).ended,
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
    async restart(awayMs) {
      process.child.kill('SIGKILL');
      await process.ended;
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      await until('the server has its address again', async () => {
        process = serve(world, new URL(url).host, tokens, flags);
        return listening(process);
      });
    },
    async stop() {
      process.child.kill('SIGTERM');
      await process.ended;
    },
  };
}

function serve(world: World, listen: string, tokens: string, flags: readonly string[]): RunningCli {
  return spawnCli(['server', '--listen', listen, '--tokens', tokens, ...flags], world.env);
}

async function listening(running: RunningCli): Promise<string> {
  const { child } = running;
  const address = await until('the server listens', async () => {
    if (child.exitCode !== null || child.signalCode !== null) return '';
    return /https?:\/\/127\.0\.0\.1:\d+/.exec(running.output())?.[0];
  });
  if (address === '') throw new Error(`the server has ended:\n${running.output()}`);
  return address;
}
