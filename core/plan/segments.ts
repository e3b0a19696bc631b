import { groupOf } from '../objects.ts';
import type { ApplyStep, HookStep, PlanStep, PlanWave, PruneStep } from './plan.ts';

/** A part of a wave that is done as one. */
export type Segment =
  | { readonly kind: 'prune'; readonly steps: readonly PruneStep[] }
  /** One group a kind, in order; the objects of a group are applied side by side. */
  | { readonly kind: 'apply'; readonly groups: readonly (readonly ApplyStep[])[] }
  /** Hooks of one kind. */
  | { readonly kind: 'hooks'; readonly steps: readonly HookStep[] }
  /** Steps of earlier segments that must have ended well before the next segment: resources healthy, hooks succeeded. */
  | { readonly kind: 'await'; readonly steps: readonly (ApplyStep | HookStep)[] };

type ManifestStep = ApplyStep | HookStep;

/**
 * Splits a wave into what is executed one after the other: the prunes, then kind by kind the applies, joined where they
 * follow each other, and each kind's hooks after that kind's applies. Steps that come after others of the wave form layers of
 * the same form, each behind an `await` of just what it needs.
 */
export function segmentsOf(wave: PlanWave): readonly Segment[] {
  const prunes = wave.steps.filter((step) => step.action === 'prune');
  const steps = wave.steps.filter((step) => step.action !== 'prune');
  const awaited = new Set<string>();
  const layers = layersOf(steps).flatMap((layer): readonly Segment[] => {
    const needed = new Set(layer.flatMap(({ after = [] }) => after.filter((id) => !awaited.has(id))));
    const waits = steps.filter(({ id }) => needed.has(id));
    for (const { id } of waits) awaited.add(id);
    return [...(waits.length === 0 ? [] : [{ kind: 'await' as const, steps: waits }]), ...kindByKind(layer)];
  });
  return [...(prunes.length === 0 ? [] : [{ kind: 'prune' as const, steps: prunes }]), ...layers];
}

/** Steps by the length of the longest chain of steps of the wave that they come after. What they come after stands before them. */
function layersOf(steps: readonly ManifestStep[]): readonly (readonly ManifestStep[])[] {
  const layers: ManifestStep[][] = [];
  const layerOf = new Map<string, number>();
  for (const step of steps) {
    const layer = (step.after ?? []).reduce((highest, id) => Math.max(highest, (layerOf.get(id) ?? -1) + 1), 0);
    layerOf.set(step.id, layer);
    (layers[layer] ??= []).push(step);
  }
  return layers;
}

function kindByKind(steps: readonly ManifestStep[]): readonly Segment[] {
  const segments: Segment[] = [];
  for (const run of runsOfOneKind(steps)) {
    const applies = run.filter((step) => step.action === 'apply');
    const hooks = run.filter((step) => step.action === 'hook');
    if (applies.length > 0) {
      const last = segments.at(-1);
      if (last?.kind === 'apply') segments.splice(-1, 1, { kind: 'apply', groups: [...last.groups, applies] });
      else segments.push({ kind: 'apply', groups: [applies] });
    }
    if (hooks.length > 0) segments.push({ kind: 'hooks', steps: hooks });
  }
  return segments;
}

/** Steps as they follow each other, in groups of one kind. Kinds that Argo CD does not order may come up more than once, sorted by name. */
export function runsOfOneKind<S extends PlanStep>(steps: readonly S[]): readonly (readonly S[])[] {
  const runs: S[][] = [];
  for (const step of steps) {
    const run = runs.at(-1);
    if (run?.[0] !== undefined && kindOf(run[0]) === kindOf(step)) run.push(step);
    else runs.push([step]);
  }
  return runs;
}

function kindOf({ apiVersion, kind }: PlanStep): string {
  return `${groupOf(apiVersion)}/${kind}`;
}
