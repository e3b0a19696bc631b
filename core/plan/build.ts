import { APPROVAL_ANNOTATION } from '../annotations/own.ts';
import { readSteps } from '../annotations/steps.ts';
import type { Failure } from '../failures.ts';
import { duplicateFailures } from '../manifests/duplicates.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { offlineScopes } from '../manifests/scopes.ts';
import type { ScopeOf } from '../manifests/scopes.ts';
import { annotationsOf, describeRef } from '../objects.ts';
import { arrange, cycleFailures } from './arrangement.ts';
import { ungatedBecause } from './completion.ts';
import { crowdedWaves } from './crowding.ts';
import { resolveDependencies } from './dependencies.ts';
import { skippedByItself, unnamed } from './entries.ts';
import { phasesOf } from './grouping.ts';
import { hoistDependencies } from './hoisting.ts';
import type { SyncPlan } from './plan.ts';
import { pruneSteps } from './prunes.ts';
import type { PruneTarget } from './prunes.ts';
import type { PlanSelection } from './selected.ts';
import { selectEntries } from './selected.ts';
import type { Task, TaskContext } from './tasks.ts';
import { compareTasks, tasksOf } from './tasks.ts';

/** What a plan depends on besides the manifests. */
export interface PlanOptions {
  /** Destination namespace of objects that name none. */
  readonly namespace?: string;
  /** Read a misspelled annotation of Argo CD's as Argo CD does, with a warning. */
  readonly lenient: boolean;
  /** Tells whether the health rules know a verdict for a kind; hooks of kinds without one succeed once applied. */
  readonly hasVerdict: (apiVersion: string, kind: string) => boolean;
  /** What discovery knows of a kind's scope; without it built-in kinds and CRDs among the manifests are known. */
  readonly isNamespaced?: ScopeOf;
  /** What the application owns and the bundle no longer has. */
  readonly prunes?: readonly PruneTarget[];
  /** The part of the application to plan; absent: all of it. */
  readonly selection?: PlanSelection;
}

/** A plan, and everything that was wrong with the manifests. */
export interface BuiltPlan {
  /** To be used only when there are no failures. */
  readonly plan: SyncPlan;
  readonly failures: readonly Failure[];
}

/**
 * Turns manifests into the plan of a sync, without a cluster: phases, waves in them, and the steps of each wave in
 * Argo CD's order. Misread annotations, duplicates, resources without a name, dependencies that can't be met and more hooks in a wave than
 * can run side by side are `InvalidManifest` failures, also in what is not selected; a selection that can't be read or selects nothing is an
 * `InvalidRequest`.
 */
export function buildPlan(manifests: readonly Manifest[], options: PlanOptions): BuiltPlan {
  const offline = offlineScopes(manifests);
  const scopeOf: ScopeOf = (apiVersion, kind) => options.isNamespaced?.(apiVersion, kind) ?? offline(apiVersion, kind);
  const context: TaskContext = { namespace: options.namespace, scopeOf, hasVerdict: options.hasVerdict };
  const entries = manifests.map((manifest, index) => ({ manifest, index, reading: readSteps(manifest, options) }));
  const selected = selectEntries(entries, options.selection, context);
  const tasks = selected.entries.flatMap(({ manifest, index, reading }) => tasksOf(manifest, index, reading, context));
  const syncWaves = tasks.filter(({ step }) => step.phase === 'Sync').map(({ step }) => step.wave);
  const hoisted = hoistDependencies(tasks.toSorted(compareTasks));
  const dependencies = resolveDependencies(hoisted, entries, context);
  const cycles = cycleFailures(dependencies.after, entries);
  const ordered = cycles.length === 0 ? arrange(hoisted, dependencies.after) : hoisted;
  const steps = [...pruneSteps(options.prunes ?? [], syncWaves), ...ordered.map(({ step }) => step)];
  const plan: SyncPlan = {
    version: 1,
    phases: phasesOf(steps),
    skipped: [...entries.flatMap((entry) => skippedByItself(entry, context)), ...selected.skipped],
    warnings: [
      ...selected.notes,
      ...entries.flatMap(({ reading }) => reading.warnings),
      ...ordered.flatMap(stepWarnings),
      ...dependencies.warnings,
    ],
  };
  const failures = [
    ...selected.failures,
    ...entries.flatMap(({ reading }) => reading.failures),
    ...entries.flatMap(unnamed),
    ...duplicateFailures(manifests, options.namespace, scopeOf),
    ...dependencies.failures,
    ...cycles,
    ...crowdedWaves(plan.phases),
  ];
  return { plan, failures };
}

/** What a person should know of a step: that it is at-least-once, that it waits for no approval. */
export function stepWarnings({ step, object }: Task): readonly string[] {
  const reason = step.action === 'hook' ? ungatedBecause(object, step.apiVersion, step.kind) : undefined;
  const title = describeRef({ ...step, name: step.name ?? `${step.generateName ?? ''}*` });
  const unapproved = step.phase === 'SyncFail' && annotationsOf(object)[APPROVAL_ANNOTATION] !== undefined;
  return [
    ...(reason === undefined ? [] : [`${title} in ${step.phase} runs at least once, not exactly once: ${reason}.`]),
    ...(unapproved ? [`${title} in SyncFail waits for no approval: what reports a failure must not be held up.`] : []),
  ];
}
