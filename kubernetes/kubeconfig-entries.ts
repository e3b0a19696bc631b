import { isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../core/json.ts';
import { arrayAt, booleanAt, objectAt, stringAt } from '../core/json.ts';

/** Where an API server is, and how it proves itself. */
export interface ServerEntry {
  readonly name: string;
  /** Its address, without a slash at the end. */
  readonly server: string;
  readonly caFile?: string;
  /** PEM, in base64. */
  readonly caData?: string;
  readonly skipTlsVerify: boolean;
  readonly tlsServerName?: string;
  readonly proxyUrl?: string;
}

/** How a user proves who they are. Files are named by their absolute paths. */
export interface UserEntry {
  readonly name: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly certFile?: string;
  /** PEM, in base64. */
  readonly certData?: string;
  readonly keyFile?: string;
  /** PEM, in base64. */
  readonly keyData?: string;
  readonly impersonatedUser?: string;
  /** An exec plugin, as it is written but for its command's path. */
  readonly exec?: JsonObject;
  /** A provider of credentials from before there were exec plugins, as it is written. */
  readonly authProvider?: JsonObject;
}

/** A server and a user under one name. */
export interface ContextEntry {
  readonly name: string;
  readonly cluster: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** What a kubeconfig holds. */
export interface KubeconfigEntries {
  readonly clusters: readonly ServerEntry[];
  readonly users: readonly UserEntry[];
  readonly contexts: readonly ContextEntry[];
  readonly currentContext?: string;
}

/**
 * Reads the text of a kubeconfig (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/). Relative paths, of exec plugins too,
 * begin at the file's own folder, as for kubectl. Throws what the YAML parser does, and where an entry lacks what it can't be without.
 */
export function parseKubeconfig(text: string, folder: string): KubeconfigEntries {
  const config = parse(text) as Json;
  return {
    clusters: entriesOf(config, 'clusters', (name, entry) =>
      serverEntry(name, objectAt(entry, 'cluster') ?? {}, folder),
    ),
    users: entriesOf(config, 'users', (name, entry) => userEntry(name, objectAt(entry, 'user') ?? {}, folder)),
    contexts: entriesOf(config, 'contexts', (name, entry) => contextEntry(name, objectAt(entry, 'context') ?? {})),
    ...texts(objectAt(config) ?? {}, { currentContext: 'current-context' }),
  };
}

function entriesOf<T>(config: Json, list: string, read: (name: string, entry: Json) => T): readonly T[] {
  return arrayAt(config, list).map((entry, index) => {
    const name = stringAt(entry, 'name') ?? '';
    if (name === '') throw new Error(`${list}[${String(index)}] has no name`);
    return read(name, entry);
  });
}

function serverEntry(name: string, cluster: JsonObject, folder: string): ServerEntry {
  const server = stringAt(cluster, 'server') ?? '';
  if (server === '') throw new Error(`cluster ${name} has no server`);
  return {
    ...{
      name,
      server: server.replace(/\/$/, ''),
      skipTlsVerify: booleanAt(cluster, 'insecure-skip-tls-verify') === true,
    },
    ...pathIn(folder, cluster, { caFile: 'certificate-authority' }),
    ...texts(cluster, {
      caData: 'certificate-authority-data',
      tlsServerName: 'tls-server-name',
      proxyUrl: 'proxy-url',
    }),
  };
}

function userEntry(name: string, user: JsonObject, folder: string): UserEntry {
  const [exec, authProvider] = [objectAt(user, 'exec'), objectAt(user, 'auth-provider')];
  return {
    name,
    ...texts(user, {
      ...{ token: 'token', username: 'username', password: 'password', impersonatedUser: 'as' },
      ...{ certData: 'client-certificate-data', keyData: 'client-key-data' },
    }),
    ...pathIn(folder, user, { tokenFile: 'tokenFile', certFile: 'client-certificate', keyFile: 'client-key' }),
    ...(exec === undefined ? {} : { exec: { ...exec, command: commandIn(folder, stringAt(exec, 'command') ?? '') } }),
    ...(authProvider === undefined ? {} : { authProvider }),
  };
}

function contextEntry(name: string, context: JsonObject): ContextEntry {
  const cluster = stringAt(context, 'cluster') ?? '';
  if (cluster === '') throw new Error(`context ${name} names no cluster`);
  return { name, cluster, ...texts(context, { user: 'user', namespace: 'namespace' }) };
}

/** The texts of fields that are written, and not empty. */
function texts<K extends string>(
  from: JsonObject,
  fields: Readonly<Record<K, string>>,
): { readonly [P in K]?: string } {
  const found = Object.entries<string>(fields).map(([key, field]) => [key, stringAt(from, field) ?? ''] as const);
  return Object.fromEntries(found.filter(([, text]) => text !== '')) as { readonly [P in K]?: string };
}

function pathIn<K extends string>(
  folder: string,
  from: JsonObject,
  fields: Readonly<Record<K, string>>,
): { readonly [P in K]?: string } {
  const found = Object.entries<string | undefined>(texts(from, fields));
  return Object.fromEntries(found.map(([key, path = '']) => [key, inFolder(folder, path)])) as {
    readonly [P in K]?: string;
  };
}

function commandIn(folder: string, command: string): string {
  return command.includes('/') || command.includes('\\') ? inFolder(folder, command) : command;
}

function inFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
