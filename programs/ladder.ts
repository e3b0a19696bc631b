import { CATALOGUE, currentPlatform, type BinaryName, type CatalogueEntry, type Platform } from './catalogue.ts';
import { cacheFolder, cacheSlot, inspectSlot, isExecutable } from './cache.ts';
import { goModuleDir } from './go-build.ts';
import type { MissingBinary } from './missing-binary.ts';
import { prepareGroup } from './preparation.ts';
import type { BinaryProgress } from './progress.ts';
import { searchPath } from './version-check.ts';
import { createDownloader } from './download.ts';
import type { LadderContext } from './ladder-context.ts';

/** How to look for programs; tests give all of it, everybody else the first two. */
export interface LadderOptions {
  readonly onProgress?: ((event: BinaryProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: Platform;
  /** The folder of a Go module by its name. */
  readonly moduleDir?: (module: string) => string;
}

/** A catalogue by the names of its programs. */
export type Catalogue<N extends string> = Readonly<Record<N, CatalogueEntry>>;

/** Some programs could not be had; the message lists them, what was tried, and what to install. */
export class BinariesMissing extends Error {
  readonly names: readonly string[];

  constructor(missing: readonly MissingBinary[]) {
    super(explain(missing));
    this.name = 'BinariesMissing';
    this.names = missing.map(({ name }) => name);
  }
}

/**
 * Finds the programs of the given names: named by an environment variable, in the PATH, in the cache, by download
 * from the publisher, or by a build with Go; the first step that works is taken.
 *
 * @throws BinariesMissing when for some program no step works; Error when a variable names no program
 */
export async function findBinaries<N extends BinaryName>(
  names: readonly N[],
  options: LadderOptions = {},
): Promise<Readonly<Record<N, string>>> {
  return climb<N>(names, CATALOGUE, options);
}

/** Like `findBinaries`, for any catalogue. */
export async function climb<N extends string>(
  names: readonly N[],
  catalogue: Catalogue<N>,
  options: LadderOptions,
): Promise<Readonly<Record<N, string>>> {
  const env = options.env ?? process.env;
  const context: LadderContext = {
    env,
    platform: options.platform ?? currentPlatform(),
    cacheRoot: cacheFolder(env, 'bin'),
    moduleDir: options.moduleDir ?? goModuleDir,
    downloader: createDownloader(),
    report: options.onProgress ?? (() => undefined),
    signal: options.signal,
  };
  try {
    context.report({ kind: 'looking', names });
    const paths = new Map<string, string>();
    const looked = await Promise.all(names.map((name) => lookAround(name, catalogue[name], context)));
    for (const found of looked) if (found.kind === 'found') paths.set(found.name, found.path);
    const missing = looked.filter((found) => found.kind === 'missing');
    const failed: MissingBinary[] = [];
    // One group after the other: each uses all processors.
    for (const group of Map.groupBy(missing, ({ entry }) => entry.go.module).values()) {
      const outcome = await prepareGroup(group, context);
      for (const [name, path] of outcome.paths) paths.set(name, path);
      failed.push(...outcome.failed);
    }
    if (failed.length > 0) throw new BinariesMissing(failed);
    return Object.fromEntries(paths) as Record<N, string>;
  } finally {
    await context.downloader.close();
  }
}

type Look =
  | { readonly kind: 'found'; readonly name: string; readonly path: string }
  | (MissingBinary & { readonly kind: 'missing' });

/** The steps that cost nothing: environment variable, PATH, cache. */
async function lookAround(name: string, entry: CatalogueEntry, context: LadderContext): Promise<Look> {
  const since = performance.now();
  const found = (path: string, source: 'variable' | 'path' | 'cache'): Look => {
    context.report({ kind: 'ready', name, path, source, elapsedMs: performance.now() - since });
    return { kind: 'found', name, path };
  };
  const named = context.env[entry.variable];
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return found(named, 'variable');
    throw new Error(`${entry.variable} names ${named}, which is not an executable file`);
  }
  const search = await searchPath(name, entry, context.env['PATH'] ?? '');
  if (search.path !== undefined) return found(search.path, 'path');
  const state = await inspectSlot(cacheSlot(context.cacheRoot, name, entry.version, context.platform));
  if (state.kind === 'valid') return found(state.path, 'cache');
  if (state.kind === 'broken') context.report({ kind: 'repairing', name, reason: state.reason });
  return { kind: 'missing', name, entry, tried: search.passedOver };
}

function explain(missing: readonly MissingBinary[]): string {
  const names = missing.map(({ name }) => name).join(', ');
  const tried = missing.flatMap(({ name, tried }) => tried.map((reason) => `  ${name}: ${reason}`));
  const choices = missing.map(({ entry }) => `  ${entry.install}, in PATH or named by ${entry.variable}`);
  return [
    `${names} ${missing.length === 1 ? 'is' : 'are'} needed, and no way to get ${missing.length === 1 ? 'it' : 'them'} works here.`,
    'Tried:',
    ...tried,
    'Install Go 1.26 or newer (https://go.dev/dl/), with which Syncline builds what is missing, or:',
    ...choices,
  ].join('\n');
}
