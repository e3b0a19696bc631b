import type { CheckSet } from '../core/health/custom-checks.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import type { CheckSource } from './check-source.ts';
import { readPathChecks } from './check-source.ts';
import type { CustomHealth } from './custom-health.ts';
import { customHealth } from './custom-health.ts';
import { configMapChecks } from './config-map-checks.ts';
import { createLuaSandbox } from './lua/sandbox.ts';
import type { PrepareChecks } from './prepare-checks.ts';
import { prepareChecks } from './prepare-checks.ts';

/** The health checks that are configured, for the objects of any cluster. */
export interface HealthChecks {
  /**
   * The checks for the objects of a cluster. ConfigMaps of it are read now, and again when that is some seconds ago; without a
   * cluster only paths are sources. Throws what `Cluster.get` throws where a ConfigMap has never been read.
   */
  of(cluster: Pick<Cluster, 'name' | 'get'> | undefined, signal: AbortSignal): Promise<CustomHealth>;
  /** Ends the thread that runs scripts. */
  close(): Promise<void>;
}

/** The checks of one source as they are now. */
interface OpenSource {
  current(): CheckSet | undefined;
  refresh(signal: AbortSignal): Promise<void>;
}

/**
 * Opens the sources of health checks; the first of them that has a check for a kind decides. Throws `InvalidRequest` for a path
 * that can't be read. A single check that can't be read, and a ConfigMap that can't be, are told by `warn`; the others count.
 */
export async function openHealthChecks(
  sources: readonly CheckSource[],
  warn: (message: string) => void,
  signal: AbortSignal,
): Promise<HealthChecks> {
  const sandbox = createLuaSandbox();
  const prepare = prepareChecks(sandbox, warn);
  const paths = new Map<CheckSource, OpenSource>();
  for (const source of sources) {
    if (source.kind === 'path') paths.set(source, await openPath(source.path, prepare, warn, signal));
  }
  const byCluster = new Map<string, { readonly health: CustomHealth; readonly refresh: OpenSource['refresh'] }>();
  return {
    async of(cluster, until) {
      const name = cluster?.name ?? '';
      const opened =
        byCluster.get(name) ??
        judgedBy(
          sandbox,
          sources.flatMap((source) => {
            if (source.kind === 'path') return paths.get(source) ?? [];
            return cluster === undefined ? [] : configMapChecks(cluster, source, prepare, warn);
          }),
        );
      byCluster.set(name, opened);
      await opened.refresh(until);
      return opened.health;
    },
    close: () => sandbox.close(),
  };
}

async function openPath(
  path: string,
  prepare: PrepareChecks,
  warn: (message: string) => void,
  signal: AbortSignal,
): Promise<OpenSource> {
  const { checks, warnings, acrossSlash } = await readPathChecks(path, signal);
  warnings.forEach(warn);
  const set = await prepare(checks, acrossSlash);
  return { current: () => set, refresh: () => Promise.resolve() };
}

function judgedBy(sandbox: ReturnType<typeof createLuaSandbox>, sources: readonly OpenSource[]) {
  const refresh = async (signal: AbortSignal): Promise<void> => {
    await Promise.all(sources.map((source) => source.refresh(signal)));
  };
  const sets = () => sources.flatMap((source) => source.current() ?? []);
  return { refresh, health: customHealth(sandbox, { sets, refresh }) };
}
