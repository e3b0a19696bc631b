import { readSteps } from '../annotations/steps.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { offlineScopes } from '../manifests/scopes.ts';
import type { ScopeOf } from '../manifests/scopes.ts';
import type { BuiltPlan, PlanOptions } from './build.ts';
import { stepWarnings } from './build.ts';
import { crowdedWaves } from './crowding.ts';
import { phasesOf } from './grouping.ts';
import type { DeletionTarget } from './prunes.ts';
import { deletionSteps } from './prunes.ts';
import type { TaskContext } from './tasks.ts';
import { compareTasks, tasksOf } from './tasks.ts';

/**
 * The plan of an application's deletion: the PreDelete hooks of its manifests, then what it owns in reverse, then its PostDelete
 * hooks. Manifests that are no such hooks take no part. Misread annotations of the hooks are `InvalidManifest` failures.
 */
export function buildDeletion(
  manifests: readonly Manifest[],
  targets: readonly DeletionTarget[],
  options: Omit<PlanOptions, 'prunes' | 'selection'>,
): BuiltPlan {
  const offline = offlineScopes(manifests);
  const scopeOf: ScopeOf = (apiVersion, kind) => options.isNamespaced?.(apiVersion, kind) ?? offline(apiVersion, kind);
  const context: TaskContext = { namespace: options.namespace, scopeOf, hasVerdict: options.hasVerdict };
  const read = { lenient: options.lenient, operation: 'delete' } as const;
  const hooks = manifests
    .map((manifest, index) => ({ manifest, index, reading: readSteps(manifest, read) }))
    .filter(({ reading }) => reading.kind === 'hook' || reading.failures.length > 0);
  const tasks = hooks
    .flatMap(({ manifest, index, reading }) => tasksOf(manifest, index, reading, context))
    .toSorted(compareTasks);
  const steps = [...deletionSteps(targets), ...tasks.map(({ step }) => step)];
  const plan = {
    version: 1,
    phases: phasesOf(steps),
    skipped: [],
    warnings: [...hooks.flatMap(({ reading }) => reading.warnings), ...tasks.flatMap(stepWarnings)],
  } as const;
  return { plan, failures: [...hooks.flatMap(({ reading }) => reading.failures), ...crowdedWaves(plan.phases)] };
}
