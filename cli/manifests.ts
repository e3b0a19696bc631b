import type { OfflinePlan, OfflinePlanOptions } from '../core/plan/offline-plan.ts';
import { planFiles } from '../core/plan/offline-plan.ts';
import type { SourceOptions } from '../sources/source-options.ts';
import { readSource } from '../sources/source.ts';
import type { Console } from './console.ts';

/** Manifests, the plan that follows from them alone, and the commit they are of, where they came from a git repository. */
export type ReadManifests = OfflinePlan & { readonly revision?: string };

/** Reads and renders a source and plans it without a cluster. Throws a `SynclineError` with everything that is wrong. */
export async function readPlan(
  location: string,
  source: SourceOptions,
  options: OfflinePlanOptions,
  console: Console,
): Promise<ReadManifests> {
  const { files, revision } = await readSource(location, console.interrupted, source);
  return { ...planFiles(files, options), ...(revision === undefined ? {} : { revision }) };
}
