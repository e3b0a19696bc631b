import { chartTarget } from '../client/kubeconfig.ts';
import type { Release } from '../client/starting/read-plan.ts';
import type { Console } from './console.ts';
import type { KubeconfigFlags, PlaceFlags } from './settings.ts';
import { asksServer } from './flags/server-flags.ts';
import { bundlesOf, clusterName, kubeconfigOf } from './settings.ts';

/**
 * The cluster that a chart is rendered for, where the command has one: the flags name it, or the bundles are in it.
 * Undefined otherwise, since the kubeconfig's current context may be another than the worker's.
 */
export function renderTarget(flags: KubeconfigFlags & PlaceFlags, console: Console): Release['target'] {
  const isNamed = flags.context !== undefined || flags.kubeconfig !== undefined;
  if (!isNamed && asksServer(flags, console.env)) return undefined;
  if (!isNamed && bundlesOf(flags, console.env)?.startsWith('kubernetes:') !== true) return undefined;
  return (signal) => chartTarget(kubeconfigOf(flags, console), clusterName(flags, console.env), signal);
}
