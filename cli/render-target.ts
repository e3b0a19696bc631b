import { targetOf } from '../sources/application-source.ts';
import type { Target } from '../sources/source-options.ts';
import type { Console } from './console.ts';
import type { KubeconfigFlags, PlaceFlags } from './settings.ts';
import { asksServer } from './server-flags.ts';
import { bundlesOf, clusterName, openCluster } from './settings.ts';

/**
 * The cluster that a chart is rendered for, where the command has one: the flags name it, or the bundles are in it.
 * Undefined otherwise, since the kubeconfig's current context may be another than the worker's.
 */
export function renderTarget(
  flags: KubeconfigFlags & PlaceFlags,
  console: Console,
): ((signal: AbortSignal) => Promise<Target>) | undefined {
  const isNamed = flags.context !== undefined || flags.kubeconfig !== undefined;
  if (!isNamed && asksServer(flags, console.env)) return undefined;
  if (!isNamed && bundlesOf(flags, console.env)?.startsWith('kubernetes:') !== true) return undefined;
  return async (signal) => {
    const cluster = await openCluster(flags, clusterName(flags, console.env));
    try {
      const { version, kinds } = await cluster.capabilities(signal);
      return targetOf(version, kinds);
    } finally {
      await cluster.close();
    }
  };
}
