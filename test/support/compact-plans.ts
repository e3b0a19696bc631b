import type { Phase } from '../../core/phases.ts';
import type {
  CompactAwait,
  CompactBatch,
  CompactHook,
  CompactHooks,
  CompactPhase,
  CompactPlan,
  CompactSegment,
} from '../../core/sync/compact-plan.ts';

/** A hook of a compact plan: a Job that runs to completion. */
export function aHook(name: string, overrides: Partial<CompactHook> = {}): CompactHook {
  return {
    id: `hook/${name}`,
    ref: { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name },
    deadlineMs: 60_000,
    deletePolicies: ['BeforeHookCreation'],
    runsToCompletion: true,
    settlesAtOnce: false,
    guarantee: 'exactly-once',
    ...overrides,
  };
}

/** A segment of hooks. */
export function hooks(...of: readonly (string | CompactHook)[]): CompactHooks {
  return { kind: 'hooks', hooks: of.map((hook) => (typeof hook === 'string' ? aHook(hook) : hook)) };
}

/** A segment of three resources, two of them changed. */
export function batch(overrides: Partial<CompactBatch> = {}): CompactBatch {
  return { kind: 'apply', count: 3, changed: 2, titles: ['ConfigMap/a', 'ConfigMap/b', 'Deployment/c'], ...overrides };
}

/** A wait for hooks by name, and for resources where there are any. */
export function awaiting(names: readonly string[], resources = 0): CompactAwait {
  const titles = resources === 0 ? [] : ['Deployment/c'];
  const deadlineMs = resources === 0 ? 0 : 20_000;
  return { kind: 'await', hooks: names.map((name) => `hook/${name}`), resources, deadlineMs, titles };
}

/** A phase with one wave for each list of segments, numbered from 0; waves with batches await health. */
export function aPhase(phase: Phase, ...waves: readonly (readonly CompactSegment[])[]): CompactPhase {
  return {
    phase,
    waves: waves.map((segments, wave) => {
      const awaits = segments.some(({ kind }) => kind === 'apply' || kind === 'prune');
      return { wave, segments, awaits, deadlineMs: awaits ? 30_000 : 0 };
    }),
  };
}

/** A phase of which some waves need an approval. */
export function aGate(phase: CompactPhase, ...gated: readonly number[]): CompactPhase {
  const approval = { reasons: ['syncline.dev/approval on Job/a'] };
  return { ...phase, waves: phase.waves.map((wave) => (gated.includes(wave.wave) ? { ...wave, approval } : wave)) };
}

/** A plan of phases. */
export function aPlan(...phases: readonly CompactPhase[]): CompactPlan {
  return {
    version: 1,
    destination: { server: 'https://cluster' },
    digest: 'sha256:plan',
    objects: 0,
    unchanged: 0,
    skipped: 0,
    phases,
    warnings: [],
  };
}

/** PreSync, Sync, PostSync and SyncFail, each with one hook, and resources in two waves of Sync. */
export function fullPlan(): CompactPlan {
  return aPlan(
    aPhase('PreSync', [hooks('db-migrate')]),
    aPhase('Sync', [batch()], [batch(), hooks('seed')]),
    aPhase('PostSync', [hooks('smoke')]),
    aPhase('SyncFail', [hooks('alert')]),
  );
}
