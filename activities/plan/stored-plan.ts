import { isPlain } from '../../core/apply/write-mode.ts';
import { gateFor } from '../../core/hooks/gated-object.ts';
import type { ApplyStep, HookStep, PlanWave, SyncPlan } from '../../core/plan/plan.ts';
import { segmentsOf } from '../../core/plan/segments.ts';
import type { StoredApply, StoredHook, StoredPlan, StoredSegment, StoredWave } from '../../core/sync/stored-plan.ts';
import type { LoadedBundle } from '../bundle-cache.ts';
import type { WriteModes } from './write-modes.ts';

/** What the cluster adds to a plan. */
export interface PlanFacts {
  readonly bundle: LoadedBundle;
  /** Digest of the bundle. */
  readonly digest: string;
  /** IDs of the apply steps that are unchanged. */
  readonly unchanged: ReadonlySet<string>;
  readonly modes: WriteModes;
  /** Whether unchanged objects are left alone altogether. */
  readonly outOfSyncOnly: boolean;
  readonly warnings: readonly string[];
  /** The real name of a step's object. */
  nameOf(step: ApplyStep | HookStep): string;
}

/** The plan as it is stored and executed: waves in segments, real names, what is unchanged, what each hook guarantees. */
export function storedPlanOf(plan: SyncPlan, facts: PlanFacts): StoredPlan {
  return {
    version: 1,
    bundle: facts.digest,
    phases: plan.phases.map(({ phase, waves }) => ({ phase, waves: waves.map((wave) => storedWaveOf(wave, facts)) })),
    skipped: plan.skipped,
    warnings: [...plan.warnings, ...facts.warnings],
  };
}

function storedWaveOf(wave: PlanWave, facts: PlanFacts): StoredWave {
  const segments = segmentsOf(wave).map((segment): StoredSegment => {
    switch (segment.kind) {
      case 'prune':
        return segment;
      case 'apply':
        return { kind: 'apply', groups: segment.groups.map((group) => group.map((step) => storedApply(step, facts))) };
      case 'hooks':
        return { kind: 'hooks', steps: segment.steps.map((step) => storedHook(step, facts)) };
      case 'await':
        return { kind: 'await', steps: segment.steps.map(({ id }) => id) };
    }
  });
  return { wave: wave.wave, segments };
}

function storedApply(step: ApplyStep, facts: PlanFacts): StoredApply {
  const mode = facts.modes.modeOf(step);
  const unchanged = facts.unchanged.has(step.id);
  return {
    ...step,
    name: facts.nameOf(step),
    unchanged,
    ...(unchanged && facts.outOfSyncOnly ? { awaited: false } : {}),
    ...(isPlain(mode) ? {} : { write: mode }),
  };
}

function storedHook(step: HookStep, facts: PlanFacts): StoredHook {
  const manifest = facts.bundle.manifests[step.manifest]?.object ?? {};
  const guarantee = gateFor(manifest) === 'none' ? 'at-least-once' : 'exactly-once';
  return { ...step, name: facts.nameOf(step), guarantee };
}
