import { groupOf } from '../objects.ts';
import type { ApplyStep, HookStep, PlanStep, PlanWave, PruneStep } from './plan.ts';

/** A part of a wave that is done as one. */
export type Segment =
  | { readonly kind: 'prune'; readonly steps: readonly PruneStep[] }
  /** One group a kind, in order; the objects of a group are applied side by side. */
  | { readonly kind: 'apply'; readonly groups: readonly (readonly ApplyStep[])[] }
  /** Hooks of one kind. */
  | { readonly kind: 'hooks'; readonly steps: readonly HookStep[] };

/**
 * Splits a wave into what is executed one after the other: the prunes, then kind by kind the applies, joined where they
 * follow each other, and each kind's hooks after that kind's applies.
 */
export function segmentsOf(wave: PlanWave): readonly Segment[] {
  const prunes = wave.steps.filter((step) => step.action === 'prune');
  const segments: Segment[] = prunes.length === 0 ? [] : [{ kind: 'prune', steps: prunes }];
  for (const run of runsOfOneKind(wave.steps.filter((step) => step.action !== 'prune'))) {
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

/** Neighbours of one kind; kinds that Argo CD does not order may come up more than once, sorted by name. */
function runsOfOneKind<S extends PlanStep>(steps: readonly S[]): readonly (readonly S[])[] {
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
