import type { Manifest } from '../../../core/manifests/manifest.ts';
import { buildPlan } from '../../../core/plan/build.ts';
import type { BuiltPlan, PlanOptions } from '../../../core/plan/build.ts';
import type { PlanStep, SyncPlan } from '../../../core/plan/plan.ts';

/** A plan for namespace `shop`, read strictly, in which only ConfigMaps and Secrets have no health verdict. */
export function planOf(manifests: readonly Manifest[], options: Partial<PlanOptions> = {}): BuiltPlan {
  const hasVerdict = (_: string, kind: string): boolean => kind !== 'ConfigMap' && kind !== 'Secret';
  return buildPlan(manifests, { namespace: 'shop', lenient: false, hasVerdict, ...options });
}

/** All steps of a plan in their order. */
export function stepsOf(plan: SyncPlan): readonly PlanStep[] {
  return plan.phases.flatMap(({ waves }) => waves.flatMap(({ steps }) => steps));
}

/** A plan in short: `PreSync 0: hook Job/a, apply ConfigMap/b` a wave. */
export function outlineOf(plan: SyncPlan): readonly string[] {
  return plan.phases.flatMap(({ phase, waves }) =>
    waves.map(({ wave, steps }) => {
      const members = steps.map(
        ({ action, kind, name, generateName }) => `${action} ${kind}/${name ?? `${generateName ?? ''}*`}`,
      );
      return `${phase} ${wave}: ${members.join(', ')}`;
    }),
  );
}
