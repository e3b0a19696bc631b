import { readFile } from 'node:fs/promises';
import { execReader } from './exec-plugin.ts';
import type { Credentials, TlsMaterial } from './credentials.ts';
import type { ServerEntry, UserEntry } from './kubeconfig-entries.ts';

/** The way to one API server: where it is, and as whom. */
export interface Access {
  /** The context's name; `in-cluster` for a pod's service account. */
  readonly context: string;
  /** The namespace the context names. */
  readonly namespace?: string;
  readonly cluster: ServerEntry;
  /** Absent where nobody needs to say who they are. */
  readonly user?: UserEntry;
}

/** A certificate with its key, or headers. */
interface Proof {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Pick<TlsMaterial, 'cert' | 'key'>;
}

/**
 * Answers the credentials of an access: files are read each time, an exec plugin runs again once what it gave has expired. Throws where
 * a file can't be read, a plugin fails or a provider has no credentials.
 */
export function credentialsReader({ cluster, user }: Access): () => Promise<Credentials> {
  const proofs = user === undefined ? [] : proofsOf(cluster, user);
  return async () => {
    const [authority, ...given] = await Promise.all([authorityOf(cluster), ...proofs.map((read) => read())]);
    return {
      headers: Object.assign({}, ...given.map(({ headers }) => headers)) as Record<string, string>,
      tls: Object.assign({}, authority, ...given.map(({ tls }) => tls)) as TlsMaterial,
    };
  };
}

/** How a user proves who they are; what comes later goes before what comes first. */
function proofsOf(cluster: ServerEntry, user: UserEntry): readonly (() => Promise<Proof>)[] {
  const { exec, authProvider, token, username, password = '', impersonatedUser } = user;
  const basic = Buffer.from(`${username ?? ''}:${password}`).toString('base64');
  return [
    () => certificateOf(user),
    ...(username === undefined ? [] : [() => header('authorization', `Basic ${basic}`)]),
    ...(authProvider === undefined ? [] : [providerReader(cluster, user)]),
    ...(exec === undefined ? [] : [execReader(exec, cluster)]),
    ...(token === undefined ? fileReaders(user) : [() => header('authorization', `Bearer ${token.trim()}`)]),
    ...(impersonatedUser === undefined ? [] : [() => header('impersonate-user', impersonatedUser)]),
  ];
}

function header(name: string, value: string): Promise<Proof> {
  return Promise.resolve({ headers: { [name]: value }, tls: {} });
}

function fileReaders({ tokenFile }: UserEntry): readonly (() => Promise<Proof>)[] {
  if (tokenFile === undefined) return [];
  return [async () => header('authorization', `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`)];
}

async function certificateOf({ certFile, certData, keyFile, keyData }: UserEntry): Promise<Proof> {
  const [cert, key] = await Promise.all([pemOf(certFile, certData), pemOf(keyFile, keyData)]);
  return { headers: {}, tls: { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) } };
}

async function authorityOf({ caFile, caData, tlsServerName, skipTlsVerify }: ServerEntry): Promise<TlsMaterial> {
  const ca = await pemOf(caFile, caData);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
    ...(skipTlsVerify ? { rejectUnauthorized: false } : {}),
  };
}

async function pemOf(file: string | undefined, data: string | undefined): Promise<Buffer | undefined> {
  if (file !== undefined) return readFile(file);
  return data === undefined ? undefined : Buffer.from(data, 'base64');
}

/** Reads the credentials of a provider from before there were exec plugins, e.g. `oidc`, through client-node, which refreshes its tokens. */
function providerReader({ server }: ServerEntry, { name, authProvider }: UserEntry): () => Promise<Proof> {
  const opened = async () => {
    // Its models of all kinds take 50 MiB, which nobody else should pay for.
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromOptions({
      // It is asked for headers alone, and would refuse plain HTTP otherwise.
      clusters: [{ name, server, skipTLSVerify: true }],
      // It keeps refreshed tokens in there.
      users: [{ name, authProvider: structuredClone(authProvider) }],
      contexts: [{ name, cluster: name, user: name }],
      currentContext: name,
    });
    return config;
  };
  let config: ReturnType<typeof opened> | undefined;
  return async () => {
    const options: { readonly headers: Record<string, unknown> } = { headers: {} };
    await (await (config ??= opened())).applyToHTTPSOptions(options);
    const headers = Object.entries(options.headers).map(([key, value]) => [key.toLowerCase(), String(value).trim()]);
    return { headers: Object.fromEntries(headers) as Record<string, string>, tls: {} };
  };
}
