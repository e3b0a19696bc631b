import type { Failure } from '../failures.ts';
import type { PlanPhase } from './plan.ts';

/**
 * The most hooks of one wave: they run side by side, each as an activity, and Temporal lets a workflow wait for 2,000 activities at a time
 * (`limit.numPendingActivities.error`).
 */
export const HOOKS_PER_WAVE = 1_900;

/** An `InvalidManifest` failure for each wave with more hooks than can run side by side. */
export function crowdedWaves(phases: readonly PlanPhase[]): readonly Failure[] {
  return phases.flatMap(({ phase, waves }) =>
    waves.flatMap(({ wave, steps }) => {
      const hooks = steps.filter(({ action }) => action === 'hook').length;
      if (hooks <= HOOKS_PER_WAVE) return [];
      const message = `${phase} wave ${String(wave)} has ${String(hooks)} hooks, and ${String(HOOKS_PER_WAVE)} can run side by side at most`;
      return [
        {
          type: 'InvalidManifest' as const,
          message,
          remedy: 'give some of them another wave: argocd.argoproj.io/sync-wave',
        },
      ];
    }),
  );
}
