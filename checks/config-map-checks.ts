import type { CheckSet } from '../core/health/custom-checks.ts';
import { checksOfConfigMap } from '../core/health/argo-config-map.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { resourceVersionOf } from '../core/objects.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { ApiError, ConnectionError } from '../kubernetes/errors.ts';
import type { CheckSource } from './check-source.ts';
import type { PrepareChecks } from './prepare-checks.ts';

/** How old what was read of a ConfigMap may be, ms. */
const MOST_AGE_MS = 10_000;

/** The checks of one ConfigMap of a cluster. */
export interface ConfigMapChecks {
  /** As they were last read; undefined before the first time. */
  current(): CheckSet | undefined;
  /** Reads them again where they are older than a few seconds. */
  refresh(signal: AbortSignal): Promise<void>;
}

type ConfigMapSource = Extract<CheckSource, { readonly kind: 'configMap' }>;

const NOTHING = { checks: [], warnings: [] };

/**
 * Reads the checks of a ConfigMap, and again from time to time. One that does not exist or may not be read is said once and holds
 * no checks; where the API server does not answer, what was read before counts on. Throws `ConnectionError` if that is nothing.
 */
export function configMapChecks(
  cluster: Pick<Cluster, 'name' | 'get'>,
  source: ConfigMapSource,
  prepare: PrepareChecks,
  warn: (message: string) => void,
): ConfigMapChecks {
  const place = `ConfigMap ${source.namespace}/${source.name}`;
  let set: CheckSet | undefined;
  let version: string | undefined;
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;

  async function read(signal: AbortSignal): Promise<void> {
    const found = await look(cluster, source, signal);
    readAt = performance.now();
    const seen = typeof found === 'string' ? found : resourceVersionOf(found);
    if (seen === version) return;
    version = seen;
    if (typeof found === 'string') warn(`${place} of cluster ${cluster.name} gives no health checks: ${found}`);
    const { checks, warnings } = typeof found === 'string' ? NOTHING : checksOfConfigMap(found, place);
    warnings.forEach(warn);
    set = await prepare(checks, true);
  }

  return {
    current: () => set,
    async refresh(signal) {
      if (performance.now() - readAt < MOST_AGE_MS) return;
      reading ??= read(signal).finally(() => (reading = undefined));
      try {
        await reading;
      } catch (error) {
        if (set === undefined || !(error instanceof ApiError || error instanceof ConnectionError)) throw error;
        readAt = performance.now();
      }
    },
  };
}

/** The ConfigMap, or why there is none. */
async function look(
  cluster: Pick<Cluster, 'get'>,
  { namespace, name }: ConfigMapSource,
  signal: AbortSignal,
): Promise<KubernetesObject | string> {
  try {
    return (await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }, signal)) ?? 'it does not exist';
  } catch (error) {
    if (error instanceof ApiError && (error.code === 401 || error.code === 403)) return error.message;
    throw error;
  }
}
