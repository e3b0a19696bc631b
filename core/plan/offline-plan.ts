import type { Failure } from '../failures.ts';
import { SynclineError } from '../failures.ts';
import { hasHealthRule } from '../health/rules.ts';
import type { Manifest } from '../manifests/manifest.ts';
import type { ManifestFile } from '../manifests/parse.ts';
import { parseManifests } from '../manifests/parse.ts';
import { buildPlan } from './build.ts';
import type { SyncPlan } from './plan.ts';
import type { Selection } from '../selection/selection.ts';

/** How manifests are read into a plan. */
export interface OfflinePlanOptions {
  /** Destination namespace of objects that name none. */
  readonly namespace?: string;
  /** Read misspelled annotations as Argo CD does, with a warning. @default false */
  readonly lenient?: boolean;
  /** The part of the application to plan; absent: all of it. */
  readonly selection?: Selection;
  /** What is no longer in the manifests may be selected too, which only the cluster can tell. @default false */
  readonly prune?: boolean;
}

/** Manifests, and the plan that follows from them alone. */
export interface OfflinePlan {
  readonly manifests: readonly Manifest[];
  readonly plan: SyncPlan;
}

/** Parses files of manifests and plans them without a cluster. Throws a `SynclineError` with everything that is wrong. */
export function planFiles(files: readonly ManifestFile[], options: OfflinePlanOptions = {}): OfflinePlan {
  const namespace = options.namespace === undefined ? {} : { namespace: options.namespace };
  const { manifests, failures } = parseManifests(files, namespace);
  const { lenient = false, selection, prune = false } = options;
  const built = buildPlan(manifests, {
    ...namespace,
    lenient,
    hasVerdict: hasHealthRule,
    ...(selection === undefined ? {} : { selection: { selection, ...(prune ? {} : { others: [] }) } }),
  });
  refuse([...failures, ...built.failures]);
  return { manifests, plan: built.plan };
}

/** Throws the failures, if there are any. */
export function refuse(failures: readonly Failure[]): void {
  const [first, ...others] = failures;
  if (first !== undefined) throw new SynclineError([first, ...others]);
}
