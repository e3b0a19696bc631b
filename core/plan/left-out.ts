import { titleOf } from '../objects.ts';
import type { PlanPlace } from '../sync/plan-place.ts';
import { formatPlace, standsBefore } from '../sync/plan-place.ts';
import type { PlanWave, SyncPlan } from './plan.ts';

/** What a sync that begins at a place leaves out of its plan, or the places there are where that one is not among them. */
export type LateStart =
  | { readonly kind: 'begins'; readonly leftOut: readonly string[] }
  | { readonly kind: 'nowhere'; readonly places: readonly string[] };

/** Looks a place up in a plan. `SyncFail` is none to begin at. */
export function lateStartOf(plan: SyncPlan, place: PlanPlace): LateStart {
  const waves = plan.phases
    .filter(({ phase }) => phase !== 'SyncFail')
    .flatMap(({ phase, waves: all }) => all.map((wave) => ({ phase, ...wave })));
  if (!waves.some(({ phase, wave }) => phase === place.phase && (place.wave === undefined || place.wave === wave))) {
    return { kind: 'nowhere', places: waves.map(formatPlace) };
  }
  const before = waves.filter(({ phase, wave }) => standsBefore(place, phase, wave));
  return {
    kind: 'begins',
    leftOut: before.map((wave) => `${wave.phase} wave ${String(wave.wave)} (${contents(wave)})`),
  };
}

function contents({ steps }: PlanWave): string {
  const objects = steps.filter(({ action }) => action !== 'hook').length;
  const hooks = steps.flatMap((step) =>
    step.action === 'hook' ? [titleOf({ kind: step.kind, name: step.name ?? `${step.generateName ?? ''}…` })] : [],
  );
  return [...(objects === 0 ? [] : [objects === 1 ? '1 object' : `${String(objects)} objects`]), ...hooks].join(', ');
}
