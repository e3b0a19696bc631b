import type { ApplicationSource } from '../../core/application/application.ts';
import type { OfflinePlan, OfflinePlanOptions } from '../../core/plan/offline-plan.ts';
import { planFiles } from '../../core/plan/offline-plan.ts';
import type { Release } from '../../sources/application-source.ts';
import { optionsOfSource } from '../../sources/application-source.ts';
import type { SourceOptions } from '../../sources/source-options.ts';
import { readSource } from '../../sources/source.ts';

export type { Release };

/** Manifests, the plan that follows from them alone, and the commit they are of, where they came from a git repository. */
export type ReadManifests = OfflinePlan & { readonly revision?: string };

/** What a source is read with, whichever it is. */
export interface Reading extends Pick<SourceOptions, 'stdin' | 'env' | 'onProgress'> {
  readonly signal: AbortSignal;
}

/** Reads and renders a source and plans it without a cluster. Throws a `SynclineError` with everything that is wrong. */
export async function readPlan(
  source: ApplicationSource,
  release: Release,
  options: OfflinePlanOptions,
  { signal, ...surroundings }: Reading,
): Promise<ReadManifests> {
  const { files, revision } = await readSource(source.location, signal, {
    ...optionsOfSource(source, release),
    ...surroundings,
  });
  return { ...planFiles(files, options), ...(revision === undefined ? {} : { revision }) };
}
