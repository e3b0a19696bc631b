import { arrayAt, stringAt } from '../../core/json.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';

/** The log of one container. */
export interface ContainerLog {
  readonly container: string;
  /** Each with the time it was written at in front. */
  readonly lines: readonly string[];
}

/** What is read of a pod's logs. */
interface PodLogOptions {
  /** Undefined = all. */
  readonly container: string | undefined;
  /** The most lines of each. */
  readonly tail: number | undefined;
}

const TAIL_LINES = 2_000;

/** The logs of a pod's containers, or of one of them. A container that has not started yet has no lines. */
export async function podLogs(
  cluster: Cluster,
  pod: { readonly namespace: string; readonly name: string },
  { container, tail = TAIL_LINES }: PodLogOptions,
  signal: AbortSignal,
): Promise<readonly ContainerLog[]> {
  const live = await cluster.get({ apiVersion: 'v1', kind: 'Pod', ...pod }, signal);
  const all = ['initContainers', 'containers'].flatMap((list) =>
    arrayAt(live, 'spec', list).map((each) => stringAt(each, 'name') ?? ''),
  );
  const wanted = all.filter((name) => name === (container ?? name));
  return Promise.all(
    wanted.map(async (name) => ({ container: name, lines: await linesOf(cluster, { ...pod, tail }, name, signal) })),
  );
}

async function linesOf(
  cluster: Cluster,
  pod: { readonly namespace: string; readonly name: string; readonly tail: number },
  container: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const query = { namespace: pod.namespace, pod: pod.name, container, timestamps: true, tailLines: pod.tail };
    return (await cluster.logs(query, signal)).split('\n').filter((line) => line !== '');
  } catch (error) {
    // The API server answers 400 for a container that waits to start.
    if (isApiError(error, 400) || isApiError(error, 404)) return [];
    throw error;
  }
}
