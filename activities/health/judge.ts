import type { CustomHealth } from '../../checks/custom-health.ts';
import type { Health, HealthFacts } from '../../core/health/health.ts';
import type { HookVerdict } from '../../core/health/hook-verdict.ts';
import { hookVerdict } from '../../core/health/hook-verdict.ts';
import { hasHealthRule, healthOf } from '../../core/health/rules.ts';
import type { HasHealthRule } from '../../core/sync/compaction.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { volumeBindings } from './volume-binding.ts';

/** Says how live objects are: the one way in which a sync asks for health. */
export interface HealthJudge {
  /** As `healthOf` of the core, with all that is to be known besides the object. */
  healthOf(object: KubernetesObject, signal: AbortSignal): Promise<Health | undefined>;
  /** As `hookVerdict` of the core, likewise. */
  hookVerdict(object: KubernetesObject, signal: AbortSignal): Promise<HookVerdict>;
  /** Whether objects of a kind always have an answer: by a rule, or by a configured check. */
  readonly hasRule: HasHealthRule;
}

/**
 * The judge of the objects that an account sees in `cluster`; the configured checks are read from `own`, with the worker's
 * own rights. Throws where they have never been read and can't be now.
 */
export async function judgeFor(
  deps: Pick<ActivityDependencies, 'checks'>,
  { cluster, own }: { readonly cluster: Cluster; readonly own: Cluster },
  signal: AbortSignal,
): Promise<HealthJudge> {
  return createJudge(cluster, await deps.checks?.of(own, signal));
}

function createJudge(cluster: Pick<Cluster, 'get' | 'list'>, custom: CustomHealth | undefined): HealthJudge {
  const bindingModeOf = volumeBindings(cluster);
  const factsOf = async (object: KubernetesObject, signal: AbortSignal): Promise<HealthFacts> => {
    const said = await custom?.healthOf(object, signal);
    if (said !== undefined) return { custom: said };
    const volumeBindingMode = await bindingModeOf(object, signal);
    return volumeBindingMode === undefined ? {} : { volumeBindingMode };
  };
  return {
    healthOf: async (object, signal) => healthOf(object, await factsOf(object, signal)),
    hookVerdict: async (object, signal) => hookVerdict(object, await factsOf(object, signal)),
    hasRule: (apiVersion, kind) => hasHealthRule(apiVersion, kind) || custom?.has(apiVersion, kind) === true,
  };
}
