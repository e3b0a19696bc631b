import { SynclineError } from '../core/failures.ts';
import type { Failure } from '../core/failures.ts';
import { hasHealthRule } from '../core/health/rules.ts';
import type { Manifest } from '../core/manifests/manifest.ts';
import { parseManifests } from '../core/manifests/parse.ts';
import { buildPlan } from '../core/plan/build.ts';
import type { SyncPlan } from '../core/plan/plan.ts';
import type { Selection } from '../core/selection/selection.ts';
import type { SourceOptions } from '../sources/source-options.ts';
import { readSource } from '../sources/source.ts';
import type { Console } from './console.ts';

/** How manifests are read into a plan. */
export interface ReadOptions {
  /** Destination namespace of objects that name none. */
  readonly namespace?: string;
  /** Read misspelled annotations as Argo CD does, with a warning. */
  readonly lenient: boolean;
  /** The part of the application to plan; absent: all of it. */
  readonly selection?: Selection;
  /** What is no longer in the manifests may be selected too, which only the cluster can tell. */
  readonly prune?: boolean;
}

/** Manifests, and the plan that follows from them alone. */
export interface ReadManifests {
  readonly manifests: readonly Manifest[];
  /** The commit they are of, where they came from a git repository. */
  readonly revision?: string;
  readonly plan: SyncPlan;
}

/** Reads and renders a source and plans it without a cluster. Throws a `SynclineError` with everything that is wrong. */
export async function readPlan(
  location: string,
  source: SourceOptions,
  options: ReadOptions,
  console: Console,
): Promise<ReadManifests> {
  const namespace = options.namespace === undefined ? {} : { namespace: options.namespace };
  const { files, revision } = await readSource(location, console.interrupted, source);
  const { manifests, failures } = parseManifests(files, namespace);
  const { lenient, selection, prune = false } = options;
  const built = buildPlan(manifests, {
    ...namespace,
    lenient,
    hasVerdict: hasHealthRule,
    ...(selection === undefined ? {} : { selection: { selection, ...(prune ? {} : { others: [] }) } }),
  });
  refuse([...failures, ...built.failures]);
  return { manifests, plan: built.plan, ...(revision === undefined ? {} : { revision }) };
}

/** Throws the failures, if there are any. */
export function refuse(failures: readonly Failure[]): void {
  const [first, ...others] = failures;
  if (first !== undefined) throw new SynclineError([first, ...others]);
}
