import { readFile, stat } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { ConnectionError } from './errors.ts';

/** Where the service account of a pod is found. */
export interface PodSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder with the service account's token and CA. */
  readonly serviceAccountFolder: string;
}

/** Where Kubernetes mounts the service account. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

const IN_CLUSTER = 'in-cluster';

/** Tells whether this process runs in a pod with a service account. */
export async function isInPod(pod: PodSurroundings): Promise<boolean> {
  return (await missingOf(pod)) === undefined;
}

/**
 * The configuration of the pod this process runs in. The token is read again from its file, because the kubelet renews it.
 *
 * @throws ConnectionError that says what is missing where it runs in none
 */
export async function readInCluster(pod: PodSurroundings): Promise<KubeConfig> {
  const missing = await missingOf(pod);
  if (missing !== undefined) throw new ConnectionError(`Not in a pod with a service account: ${missing}`);
  const host = pod.environment['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = pod.environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  const namespace = await readFile(join(pod.serviceAccountFolder, 'namespace'), 'utf8').catch(() => '');
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: IN_CLUSTER,
        server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
        caFile: join(pod.serviceAccountFolder, 'ca.crt'),
        skipTLSVerify: false,
      },
    ],
    users: [{ name: IN_CLUSTER, authProvider: { name: 'tokenFile', config: { tokenFile: tokenFile(pod) } } }],
    contexts: [
      {
        name: IN_CLUSTER,
        cluster: IN_CLUSTER,
        user: IN_CLUSTER,
        ...(namespace.trim() === '' ? {} : { namespace: namespace.trim() }),
      },
    ],
    currentContext: IN_CLUSTER,
  });
  return config;
}

function tokenFile(pod: PodSurroundings): string {
  return join(pod.serviceAccountFolder, 'token');
}

async function missingOf(pod: PodSurroundings): Promise<string | undefined> {
  if ((pod.environment['KUBERNETES_SERVICE_HOST'] ?? '') === '') return 'KUBERNETES_SERVICE_HOST is not set';
  const token = await stat(tokenFile(pod)).catch(() => undefined);
  return token === undefined ? `${tokenFile(pod)} does not exist` : undefined;
}
