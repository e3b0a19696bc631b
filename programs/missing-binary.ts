import { cacheSlot, fillSlot, type CacheSlot } from './cache.ts';
import type { CatalogueEntry } from './catalogue.ts';
import type { LadderContext } from './ladder-context.ts';
import { versionFault } from './version-check.ts';

/** A program that is not there yet, and what was tried in vain. */
export interface MissingBinary {
  readonly name: string;
  readonly entry: CatalogueEntry;
  readonly tried: readonly string[];
}

/** What became of a group of missing programs. */
export interface GroupOutcome {
  readonly paths: ReadonlyMap<string, string>;
  readonly failed: readonly MissingBinary[];
}

/** The same with one more thing tried in vain. */
export function alsoTried(binary: MissingBinary, reason: string): MissingBinary {
  return { ...binary, tried: [...binary.tried, reason] };
}

/** Puts a program that has come into the cache; throws when it does not run or has another version. */
export async function install(
  name: string,
  entry: CatalogueEntry,
  file: string,
  context: LadderContext,
): Promise<string> {
  const fault = await versionFault(file, entry);
  if (fault !== undefined) throw new Error(`what came is unusable: ${fault}`);
  return fillSlot(slotOf(name, entry, context), file);
}

/** Tells that a program is there. */
export function reportReady(
  name: string,
  paths: ReadonlyMap<string, string>,
  source: 'download' | 'build',
  since: number,
  context: LadderContext,
): void {
  const elapsedMs = performance.now() - since;
  context.report({ kind: 'ready', name, path: paths.get(name) ?? '', source, elapsedMs });
}

/** The program's place in the cache. */
export function slotOf(name: string, entry: CatalogueEntry, context: LadderContext): CacheSlot {
  return cacheSlot(context.cacheRoot, name, entry.version, context.platform);
}
