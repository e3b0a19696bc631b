import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { createApiClient, type ApiClient } from '../../sandbox/cluster/api.ts';

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

/** A client with the identity of a kubeconfig of the sandbox. */
export async function clientFor(kubeconfigPath: string): Promise<ApiClient> {
  const config = parse(await readFile(kubeconfigPath, 'utf8')) as Kubeconfig;
  const { cluster } = config.clusters[0]!;
  const authority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
  return createApiClient(cluster.server, config.users[0]!.user.token, authority);
}

/** Asks until there is an answer, or fails with the last error. */
export async function eventually<T>(ask: () => Promise<T | undefined>, timeoutMs = 120_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown = new Error(`no answer within ${timeoutMs} ms`);
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await delay(50);
  }
  throw last;
}
