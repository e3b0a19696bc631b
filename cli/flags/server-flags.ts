import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ServerOptions } from '../../client/http/connection.ts';
import { failure } from '../../core/failures.ts';
import type { Console } from '../console.ts';

/** Which server a command asks in the place of Temporal. */
export interface ServerFlags {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly serverCa?: string;
  readonly plainHttp?: boolean;
}

/** Where a server is named when no flag names one. */
const VARIABLE = 'SYNCLINE_SERVER';

/** Adds the flags that name a server. */
export function withServer(command: Command): Command {
  return command
    .option('--server <url>', `ask this Syncline server in the place of Temporal and the cluster (${VARIABLE})`)
    .option('--token-file <file>', 'the file with the token for it (else SYNCLINE_TOKEN holds the token)')
    .option('--server-ca <file>', 'the authority that its certificate is from, as PEM')
    .option('--plain-http', 'send the token in clear text too, where something else protects the connection');
}

/**
 * The server that the flags or the environment name; undefined where Temporal is to be asked, which `--address` says too. Throws
 * `InvalidRequest` where both are named, and where there is no token.
 */
export async function serverOf(
  flags: ServerFlags & { readonly address?: string },
  { env }: Pick<Console, 'env'>,
): Promise<ServerOptions | undefined> {
  if (flags.server !== undefined && flags.address !== undefined) {
    throw failure('InvalidRequest', '--server and --address name two places', { remedy: 'give one of them' });
  }
  const url = flags.server ?? (flags.address === undefined ? env[VARIABLE] : undefined);
  if (url === undefined || url === '') return undefined;
  const ca = flags.serverCa === undefined ? {} : { ca: await textOf(flags.serverCa, '--server-ca') };
  return { url, token: await tokenOf(flags, env, url), plainHttp: flags.plainHttp ?? false, ...ca };
}

/** Whether a command asks a server. */
export function asksServer(flags: ServerFlags & { readonly address?: string }, env: Console['env']): boolean {
  return flags.server !== undefined || (flags.address === undefined && (env[VARIABLE] ?? '') !== '');
}

/** Where a source is rendered. */
export interface RenderingFlags {
  readonly renderOnServer: boolean;
}

/** Adds the flag that has a server render. */
export function withRendering(command: Command): Command {
  return command.option(
    '--render-on-server',
    'have the server render the source, where one of its --source allows the location (else it is rendered here)',
    false,
  );
}

/** Whether a server is to render. Throws `InvalidRequest` where none is asked. */
export function rendersOnServer(
  flags: RenderingFlags & ServerFlags & { readonly address?: string },
  { env }: Pick<Console, 'env'>,
): boolean {
  if (!flags.renderOnServer || asksServer(flags, env)) return flags.renderOnServer;
  throw failure('InvalidRequest', '--render-on-server names no server that could render', {
    remedy: `name one with --server (${VARIABLE}), or leave the flag out: the source is rendered here then`,
  });
}

/** Makes a command refuse to work through a server, for what stands beside Temporal and the cluster themselves. */
export function withoutServer(command: Command, env: Console['env'] = {}): Command {
  const flag = new Option('--server <url>').hideHelp();
  return command.addOption(flag).hook('preAction', (_, action) => {
    if (!asksServer(action.opts<ServerFlags & { readonly address?: string }>(), env)) return;
    throw failure('InvalidRequest', `${nameOf(command)} works beside Temporal and the cluster, not through a server`, {
      remedy: `leave --server (${VARIABLE}) out, and run it where both can be reached`,
    });
  });
}

/** A command as it is typed: `syncline token list`. */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

async function tokenOf({ tokenFile }: ServerFlags, env: Console['env'], url: string): Promise<string> {
  const token = tokenFile === undefined ? (env['SYNCLINE_TOKEN'] ?? '') : await textOf(tokenFile, '--token-file');
  if (token.trim() !== '') return token.trim();
  throw failure('InvalidRequest', `there is no token for the server ${url}`, {
    remedy:
      'set SYNCLINE_TOKEN, or name its file with --token-file; `syncline token create` makes one where the server runs',
  });
}

async function textOf(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw failure('InvalidRequest', `the file of ${flag} can't be read: ${why}`, {}, { cause });
  }
}
