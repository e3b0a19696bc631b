import { spawn } from 'node:child_process';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Json, JsonObject } from '../core/json.ts';
import { arrayAt, isJsonObject, stringAt } from '../core/json.ts';

/** What an exec plugin has answered; `expiresAt` in ms since 1970, absent where it tells none. */
export interface PluginAnswer {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly expiresAt?: number;
}

/** An exec plugin may open a browser and wait for its user; one that takes longer than this waits for nobody, ms. */
const MOST_MS = 120_000;

/** No answer is longer. */
const MOST_CHARACTERS = 1_000_000;

/** What a plugin says besides its answer is for people, who need not read all of it. */
const MOST_WORDS = 500;

/**
 * The exec plugin of a configuration's user, which keeps what it has answered until that has expired; undefined where it has none. In place
 * of client-node's, which waits for a plugin for ever, and leaves its input open, so that one that asks a question does not end.
 */
export function execPluginOf(config: KubeConfig, mostMs = MOST_MS): (() => Promise<PluginAnswer>) | undefined {
  const exec: unknown = config.getCurrentUser()?.exec;
  if (!isJsonObject(exec)) return undefined;
  let known: PluginAnswer | undefined;
  return async () => {
    const isFresh = known !== undefined && (known.expiresAt ?? Infinity) > Date.now();
    return known !== undefined && isFresh ? known : (known = await ask(exec, mostMs));
  };
}

/** Runs a plugin (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). Its arguments may be secret, so that errors name its command alone. */
async function ask(exec: JsonObject, mostMs: number): Promise<PluginAnswer> {
  const command = stringAt(exec, 'command') ?? '';
  const hint = stringAt(exec, 'installHint');
  if (command === '') throw new Error('the exec plugin of its user names no command');
  const said = await run(command, exec, mostMs).catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw isMissing
      ? new Error(`the exec plugin ${command} is not there${hint === undefined ? '' : `: ${hint}`}`)
      : cause;
  });
  return answerIn(said, command);
}

function run(command: string, exec: JsonObject, mostMs: number): Promise<string> {
  const args = arrayAt(exec, 'args').map(String);
  const plugin = spawn(command, args, { env: environmentOf(exec), stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let said = '';
    let words = '';
    const giveUp = (what: string): void => {
      plugin.kill('SIGKILL');
      // What it has begun may hold its output open.
      plugin.stdout.destroy();
      plugin.stderr.destroy();
      reject(new Error(`the exec plugin ${command} ${what}${words.trim() === '' ? '' : `; it said: ${words.trim()}`}`));
    };
    const remedy = 'run it by hand to see what it waits for, and log in';
    const late = setTimeout(giveUp, mostMs, `has not answered within ${String(mostMs / 1000)} s: ${remedy}`);
    plugin.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.length > MOST_CHARACTERS) giveUp('answers without end');
    });
    plugin.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-MOST_WORDS)));
    plugin.on('error', reject);
    plugin.on('close', (code, signal) => {
      const how = code === null ? `was ended by ${signal ?? 'a signal'}` : `has ended with code ${String(code)}`;
      if (code === 0) resolve(said);
      else reject(new Error(`the exec plugin ${command} ${how}: ${words.trim()}`));
    });
    plugin.on('close', () => clearTimeout(late)).on('error', () => clearTimeout(late));
  });
}

function environmentOf(exec: JsonObject): NodeJS.ProcessEnv {
  const variables = arrayAt(exec, 'env').map((each) => [stringAt(each, 'name') ?? '', stringAt(each, 'value') ?? '']);
  return { ...process.env, ...(Object.fromEntries(variables) as Record<string, string>) };
}

function answerIn(said: string, command: string): PluginAnswer {
  const status = statusIn(said);
  const token = stringAt(status, 'token');
  const cert = stringAt(status, 'clientCertificateData');
  const key = stringAt(status, 'clientKeyData');
  if (token === undefined && cert === undefined) {
    throw new Error(`the exec plugin ${command} has answered no ExecCredential with a token or a certificate`);
  }
  const expiresAt = Date.parse(stringAt(status, 'expirationTimestamp') ?? '');
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
}

function statusIn(said: string): Json | undefined {
  try {
    const answer = JSON.parse(said) as Json;
    return isJsonObject(answer) ? answer['status'] : undefined;
  } catch {
    return undefined;
  }
}
