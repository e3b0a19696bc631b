import { readFile, stat } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Access } from './access.ts';
import { ConnectionError } from './errors.ts';
import type { ContextEntry, KubeconfigEntries } from './kubeconfig-entries.ts';
import { parseKubeconfig } from './kubeconfig-entries.ts';

/** Where a kubeconfig is looked for, and which of its contexts is wanted. */
export interface KubeconfigSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly kubeconfigPath: string | undefined;
  readonly context: string | undefined;
}

/**
 * The access that the wanted context of a kubeconfig gives, or its current one. Several files of `KUBECONFIG` are merged as kubectl does:
 * missing ones are passed over, and what is named first wins
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files).
 *
 * @throws ConnectionError that names the files, or the contexts there are
 */
export async function readKubeconfig(source: KubeconfigSource): Promise<Access> {
  const paths = kubeconfigPaths(source);
  const read = (await Promise.all(paths.map((path) => readOne(path, paths.length > 1)))).filter(
    (one) => one !== undefined,
  );
  if (read.length === 0) throw new ConnectionError(`No kubeconfig: ${paths.join(', ')} does not exist`);
  const merged = read.reduce(merge);
  const context = contextOf(merged, source.context, paths.join(', '));
  const cluster = merged.clusters.find((one) => one.name === context.cluster);
  if (cluster === undefined) {
    throw new ConnectionError(
      `Context ${context.name} names cluster ${context.cluster}, which is not in ${paths.join(', ')}`,
    );
  }
  const user = merged.users.find((one) => one.name === context.user);
  if (user === undefined && context.user !== undefined) {
    throw new ConnectionError(
      `Context ${context.name} names user ${context.user}, which is not in ${paths.join(', ')}`,
    );
  }
  const { name, namespace } = context;
  return {
    ...{ context: name, cluster },
    ...(user === undefined ? {} : { user }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Tells whether a kubeconfig is named, or there is one where it is looked for when none is named. */
export async function hasKubeconfig(source: KubeconfigSource): Promise<boolean> {
  if (source.kubeconfigPath !== undefined || source.context !== undefined) return true;
  if ((source.environment['KUBECONFIG'] ?? '') !== '') return true;
  const path = defaultPath(source);
  return path !== undefined && (await stat(path).catch(() => undefined)) !== undefined;
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

async function readOne(path: string, mayBeMissing: boolean): Promise<KubeconfigEntries | undefined> {
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
    return parseKubeconfig(text, dirname(path));
  } catch (cause) {
    throw new ConnectionError(`${path} is no kubeconfig: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function merge(into: KubeconfigEntries, next: KubeconfigEntries): KubeconfigEntries {
  const added = <T extends { readonly name: string }>(known: readonly T[], more: readonly T[]): readonly T[] => [
    ...known,
    ...more.filter((one) => !known.some((other) => other.name === one.name)),
  ];
  const currentContext = into.currentContext ?? next.currentContext;
  return {
    clusters: added(into.clusters, next.clusters),
    users: added(into.users, next.users),
    contexts: added(into.contexts, next.contexts),
    ...(currentContext === undefined ? {} : { currentContext }),
  };
}

function contextOf(merged: KubeconfigEntries, wanted: string | undefined, files: string): ContextEntry {
  const name = wanted ?? merged.currentContext ?? '';
  const found = merged.contexts.find((context) => context.name === name);
  if (found !== undefined) return found;
  const known = merged.contexts.map((context) => context.name);
  const choice = known.length === 0 ? 'it has none' : `it has: ${known.join(', ')}`;
  if (name === '') throw new ConnectionError(`${files} has no current context; name one (${choice})`);
  throw new ConnectionError(`${files} has no context ${name} (${choice})`);
}
