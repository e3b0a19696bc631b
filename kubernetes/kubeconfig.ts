import type { RequestOptions } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { User } from '@kubernetes/client-node';
import { KubeConfig } from '@kubernetes/client-node';
import type { ClusterOptions, ImpersonatingCluster } from './api-cluster.ts';
import { createCluster } from './api-cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Credentials, ReadCredentials } from './credentials.ts';
import { refreshedCredentials } from './credentials.ts';
import { ConnectionError } from './errors.ts';
import type { PluginAnswer } from './exec-plugin.ts';
import { execPluginOf } from './exec-plugin.ts';
import { isInPod, readInCluster, SERVICE_ACCOUNT_FOLDER } from './in-cluster.ts';
import { hasKubeconfig, pinnedContext, readKubeconfig } from './kubeconfig-files.ts';
import { uidOf } from '../core/objects.ts';

/** Where a cluster's address and credentials are found. */
export interface ClusterSource {
  /** The kubeconfig file; by default the files of `KUBECONFIG`, or `~/.kube/config`. */
  readonly kubeconfigPath?: string;
  /** The context of the kubeconfig; by default its current one. */
  readonly context?: string;
  /**
   * True: the service account of the pod this runs in, and no kubeconfig. False: never that. By default it is used where
   * no kubeconfig is named and there is none at the usual place, as kubectl does.
   */
  readonly inCluster?: boolean;
  /** The environment to read `KUBECONFIG`, `HOME` and the pod's variables from. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The folder with the pod's token and CA. Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly serviceAccountFolder?: string;
}

/** Which cluster to speak to, and how. */
export interface LoadClusterOptions
  extends ClusterSource, Omit<ClusterOptions, 'context' | 'server' | 'credentials' | 'proxyUrl'> {}

/** What a source of clusters settles, without speaking to the cluster. */
export interface SettledContext {
  /** The context's name; `in-cluster` for a pod's service account. */
  readonly context: string;
  readonly server: string;
  /** The namespace the context names. */
  readonly namespace?: string;
}

/** Tells which context and server `loadCluster` would use. Throws ConnectionError as it does. */
export async function settleContext(source: ClusterSource): Promise<SettledContext> {
  const { context, server, namespace } = pinnedContext((await readConfig(source)).config);
  return { context, server, ...(namespace === undefined ? {} : { namespace }) };
}

/**
 * The client of a cluster that a kubeconfig names, or of the one this process runs in. Credentials are read here, so
 * that what is wrong with them shows at once, and kept fresh afterwards; no request is sent. The context is settled by
 * this call: a file that changes its current context later changes nothing.
 *
 * @throws ConnectionError when there is no kubeconfig, it can't be read, the context is unknown, or there are no credentials
 */
export async function loadCluster(options: LoadClusterOptions): Promise<ImpersonatingCluster> {
  const { config, inCluster } = await readConfig(options);
  const { context, server, proxyUrl } = pinnedContext(config);
  const again = async (): Promise<KubeConfig> =>
    (await readConfig(inCluster ? { ...options, inCluster } : { ...options, context })).config;
  const credentials = refreshedCredentials(options.name, credentialsOf(config, server, again));
  await credentials.current();
  return createCluster({ ...options, context, server, credentials, ...(proxyUrl === undefined ? {} : { proxyUrl }) });
}

/**
 * The UID of a cluster's `kube-system` namespace, which tells clusters apart whatever they are called.
 *
 * @throws ApiError, ConnectionError as `Cluster.get` does, and ConnectionError where there is no such namespace
 */
export async function clusterUid(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const namespace = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }, signal);
  const uid = namespace === undefined ? '' : uidOf(namespace);
  if (uid === '')
    throw new ConnectionError(`Cluster ${cluster.name} has no namespace kube-system, so it can't be told apart`);
  return uid;
}

interface FoundConfig {
  readonly config: KubeConfig;
  readonly inCluster: boolean;
}

async function readConfig(source: ClusterSource): Promise<FoundConfig> {
  const environment = source.environment ?? process.env;
  const files = { environment, kubeconfigPath: source.kubeconfigPath, context: source.context };
  const pod = { environment, serviceAccountFolder: source.serviceAccountFolder ?? SERVICE_ACCOUNT_FOLDER };
  const inCluster = source.inCluster ?? (!(await hasKubeconfig(files)) && (await isInPod(pod)));
  return { config: await (inCluster ? readInCluster(pod) : readKubeconfig(files)), inCluster };
}

/** Reads credentials: an exec plugin is asked here, OIDC tokens are refreshed and token files read by client-node. */
function credentialsOf(first: KubeConfig, server: string, reload: () => Promise<KubeConfig>): ReadCredentials {
  let config = first;
  let plugin = execPluginOf(config);
  return async (from) => {
    if (from === 'scratch') {
      const next = await reload();
      if (pinnedContext(next).server !== server) {
        throw new Error(`its kubeconfig now names another server than ${server}; start again to use that one`);
      }
      config = next;
      plugin = execPluginOf(config);
    }
    const options: RequestOptions = { headers: {} };
    if (plugin === undefined) await inTime(config.applyToHTTPSOptions(options));
    else await withAnswer(config, await plugin()).applyToHTTPSOptions(options);
    return credentialsIn(options);
  };
}

/** What client-node asks for credentials may be a server that does not answer, ms. */
const PROVIDER_MS = 60_000;

async function inTime(reading: Promise<void>): Promise<void> {
  const seconds = String(PROVIDER_MS / 1000);
  const name = "the auth provider of the kubeconfig's user";
  const over = new AbortController();
  const late = delay(PROVIDER_MS, undefined, { signal: over.signal, ref: false }).then(
    () => Promise.reject(new Error(`${name} has not answered within ${seconds} s: log in with kubectl`)),
    () => undefined,
  );
  await Promise.race([reading, late]).finally(() => over.abort());
}

/** A configuration whose user has what the plugin has answered. */
function withAnswer(config: KubeConfig, { token, cert, key }: PluginAnswer): KubeConfig {
  const user: Readonly<User> = config.getCurrentUser() ?? { name: '' };
  const inBase64 = (text: string) => Buffer.from(text).toString('base64');
  const answered = {
    ...without(user, 'exec', ...(cert === undefined ? [] : (['certFile', 'keyFile'] as const))),
    ...(token === undefined || user.token ? {} : { token }),
    ...(cert === undefined ? {} : { certData: inBase64(cert) }),
    ...(key === undefined ? {} : { keyData: inBase64(key) }),
  };
  const own = new KubeConfig();
  const users = config.users.map((each) => (each.name === user.name ? answered : each));
  own.loadFromOptions({
    clusters: config.clusters,
    users,
    contexts: config.contexts,
    currentContext: config.currentContext,
  });
  return own;
}

function without(user: Readonly<User>, ...fields: readonly (keyof User)[]): User {
  return Object.fromEntries(
    Object.entries(user).filter(([name]) => !fields.some((field) => field === name)),
  ) as unknown as User;
}

function credentialsIn(options: RequestOptions): Credentials {
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const basic =
    typeof options.auth === 'string' ? { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` } : {};
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value).trim(),
  ]);
  return {
    headers: { ...basic, ...(Object.fromEntries(headers) as Record<string, string>) },
    tls: {
      ...pem('ca', ca),
      ...pem('cert', cert),
      ...pem('key', key),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
  };
}

function pem<K extends 'ca' | 'cert' | 'key'>(name: K, value: unknown): Partial<Record<K, string | Buffer>> {
  if (typeof value !== 'string' && !Buffer.isBuffer(value)) return {};
  return { [name]: value } as Record<K, string | Buffer>;
}
