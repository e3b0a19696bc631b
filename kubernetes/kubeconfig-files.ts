import { readFile, stat } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Cluster, Context, User } from '@kubernetes/client-node';
import { KubeConfig } from '@kubernetes/client-node';
import { ConnectionError } from './errors.ts';
import { completedUsers, withExecInfo } from './kubeconfig-users.ts';

/** Where a kubeconfig is looked for, and which of its contexts is wanted. */
export interface KubeconfigSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly kubeconfigPath: string | undefined;
  readonly context: string | undefined;
}

interface Merged {
  readonly clusters: Cluster[];
  readonly users: User[];
  readonly contexts: Context[];
  currentContext: string | undefined;
}

/**
 * The kubeconfig with the wanted context set as its current one. Several files of `KUBECONFIG` are merged as kubectl does:
 * missing ones are passed over, and what is named first wins
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files).
 *
 * @throws ConnectionError that names the files, or the contexts there are
 */
export async function readKubeconfig(source: KubeconfigSource): Promise<KubeConfig> {
  const paths = kubeconfigPaths(source);
  const read = (await Promise.all(paths.map((path) => readOne(path, paths.length > 1)))).filter(
    (one) => one !== undefined,
  );
  if (read.length === 0) throw new ConnectionError(`No kubeconfig: ${paths.join(', ')} does not exist`);
  const merged = read.reduce(merge, { clusters: [], users: [], contexts: [], currentContext: undefined });
  const context = contextOf(merged, source.context, paths.join(', '));
  const cluster = merged.clusters.find((one) => one.name === context.cluster);
  if (cluster === undefined) {
    throw new ConnectionError(
      `Context ${context.name} names cluster ${context.cluster}, which is not in ${paths.join(', ')}`,
    );
  }
  const user = merged.users.find((one) => one.name === context.user);
  if (user === undefined && context.user) {
    throw new ConnectionError(
      `Context ${context.name} names user ${context.user}, which is not in ${paths.join(', ')}`,
    );
  }
  return configOf(cluster, user, context);
}

/** Tells whether a kubeconfig is named, or there is one where it is looked for when none is named. */
export async function hasKubeconfig(source: KubeconfigSource): Promise<boolean> {
  if (source.kubeconfigPath !== undefined || source.context !== undefined) return true;
  if ((source.environment['KUBECONFIG'] ?? '') !== '') return true;
  const path = defaultPath(source);
  return path !== undefined && (await stat(path).catch(() => undefined)) !== undefined;
}

/** What a configuration's current context says of the server; it is complete, as the readers above have checked. */
export function pinnedContext(config: KubeConfig): {
  readonly context: string;
  readonly server: string;
  readonly proxyUrl: string | undefined;
  readonly namespace: string | undefined;
} {
  const context = config.getCurrentContext();
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new ConnectionError(`Context ${context} names no cluster`);
  const namespace = config.getContextObject(context)?.namespace;
  return { context, server: cluster.server, proxyUrl: cluster.proxyUrl, namespace };
}

function kubeconfigPaths(source: KubeconfigSource): readonly string[] {
  if (source.kubeconfigPath !== undefined) return [resolve(source.kubeconfigPath)];
  const named = (source.environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (named.length > 0) return named.map((path) => resolve(path));
  const path = defaultPath(source);
  if (path === undefined) throw new ConnectionError('No kubeconfig: KUBECONFIG and HOME are not set');
  return [path];
}

function defaultPath(source: KubeconfigSource): string | undefined {
  const home = source.environment['HOME'] ?? source.environment['USERPROFILE'];
  return home === undefined ? undefined : join(home, '.kube', 'config');
}

async function readOne(path: string, mayBeMissing: boolean): Promise<Merged | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (missing && mayBeMissing) return undefined;
    const why = missing ? 'it does not exist' : String(cause);
    throw new ConnectionError(`Cannot read kubeconfig ${path}: ${why}`, { cause });
  }
  try {
    const config = new KubeConfig();
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(path));
    const { clusters, contexts } = config;
    const users = completedUsers(config.users, text, dirname(path));
    // Undefined where the file names none, whatever the declared type says.
    const currentContext: string | undefined = config.getCurrentContext();
    return { clusters, contexts, users, currentContext };
  } catch (cause) {
    throw new ConnectionError(`${path} is no kubeconfig: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function merge(into: Merged, next: Merged): Merged {
  const added = <T extends { readonly name: string }>(known: T[], more: readonly T[]): T[] => [
    ...known,
    ...more.filter((one) => !known.some((other) => other.name === one.name)),
  ];
  return {
    clusters: added(into.clusters, next.clusters),
    users: added(into.users, next.users),
    contexts: added(into.contexts, next.contexts),
    currentContext: into.currentContext || next.currentContext,
  };
}

function contextOf(merged: Merged, wanted: string | undefined, files: string): Context {
  const name = wanted ?? merged.currentContext ?? '';
  const found = merged.contexts.find((context) => context.name === name);
  if (found !== undefined) return found;
  const known = merged.contexts.map((context) => context.name);
  const choice = known.length === 0 ? 'it has none' : `it has: ${known.join(', ')}`;
  if (name === '') throw new ConnectionError(`${files} has no current context; name one (${choice})`);
  throw new ConnectionError(`${files} has no context ${name} (${choice})`);
}

/** One cluster and user as a configuration of its own. */
function configOf(cluster: Cluster, user: User | undefined, context: Context): KubeConfig {
  // client-node leaves out even the CA of a context without a user, and refuses plain HTTP unless TLS is not verified.
  const known: User = user ?? { name: 'anonymous' };
  const reachable = cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [reachable],
    users: [withExecInfo(known, cluster)],
    contexts: [{ ...context, user: known.name }],
    currentContext: context.name,
  });
  return config;
}
