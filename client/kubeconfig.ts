import type { Cluster } from '../kubernetes/cluster.ts';
import { ApiError, ConnectionError } from '../kubernetes/errors.ts';
import { targetOf } from '../sources/application-source.ts';
import type { Target } from '../sources/source-options.ts';

/** The one cluster that a kubeconfig reaches. */
export interface Kubeconfig {
  /** @default the files of KUBECONFIG, or the usual one */
  readonly path?: string;
  /** @default the current one */
  readonly context?: string;
  /** Where `KUBECONFIG` and `HOME` are read. @default the process's */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Opens the cluster of a kubeconfig, whatever name it is asked for by. Throws `ConnectionError` where there is none. */
export function kubeconfigCluster({ path, context, env }: Kubeconfig): (name: string) => Promise<Cluster> {
  return async (name) => {
    // Its libraries are large; who needs no cluster should not wait for them to load.
    const { loadCluster } = await import('../kubernetes/kubeconfig.ts');
    return loadCluster({
      name,
      ...(path === undefined ? {} : { kubeconfigPath: path }),
      ...(context === undefined ? {} : { context }),
      ...(env === undefined ? {} : { environment: env }),
    });
  };
}

/** What a chart is told of the cluster that it is rendered for. Throws as opening the cluster does, and `ApiError`. */
export async function chartTarget(kubeconfig: Kubeconfig, name: string, signal: AbortSignal): Promise<Target> {
  const cluster = await kubeconfigCluster(kubeconfig)(name);
  try {
    const { version, kinds } = await cluster.capabilities(signal);
    return targetOf(version, kinds);
  } finally {
    await cluster.close();
  }
}

/** Whether an error is what a cluster has answered, or that it does not answer. */
export function isOfCluster(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof ApiError;
}
