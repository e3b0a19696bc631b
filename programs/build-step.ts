import { basename, join } from 'node:path';
import type { GoBuild } from './catalogue.ts';
import { buildWithGo, findGo } from './go-build.ts';
import type { LadderContext } from './ladder-context.ts';
import { alsoTried, install, reportReady, type GroupOutcome, type MissingBinary } from './missing-binary.ts';

const TICK_MS = 1000;

/** Builds a group, all in one go. */
export async function buildAll(
  group: readonly MissingBinary[],
  context: LadderContext,
  workDir: string,
): Promise<GroupOutcome> {
  const since = performance.now();
  const paths = new Map<string, string>();
  const go = await findGo(context.env);
  if ('fault' in go) return { paths, failed: group.map((binary) => alsoTried(binary, go.fault)) };
  const stopTicking = announceBuild(group, context, since);
  const outDir = join(workDir, 'out');
  try {
    const builds = group.map(({ entry }) => entry.go);
    const moduleDir = context.moduleDir(builds[0]?.module ?? '');
    const { env, signal } = context;
    await buildWithGo({ toolchain: go.toolchain, moduleDir, builds, outDir, env, signal });
    for (const { name, entry } of group) {
      paths.set(name, await install(name, entry, join(outDir, builtName(entry.go)), context));
      reportReady(name, paths, 'build', since, context);
    }
    return { paths, failed: [] };
  } catch (error) {
    context.signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    const failed = group.filter(({ name }) => !paths.has(name));
    return { paths, failed: failed.map((binary) => alsoTried(binary, reason)) };
  } finally {
    stopTicking();
  }
}

/** Go names a program after its package, without a major version, and one in the module's root after the module. */
function builtName({ module, package: path }: GoBuild): string {
  return path === '.' ? module : basename(path.replace(/\/v\d+$/, ''));
}

/** Says at once and then every second what is being built; gives the way to end it. */
function announceBuild(group: readonly MissingBinary[], context: LadderContext, since: number): () => void {
  const entry = group[0]?.entry;
  const announce = (): void =>
    context.report({
      kind: 'building',
      names: group.map(({ name }) => name),
      version: entry?.version ?? '',
      expectedSeconds: entry?.go.coldSeconds ?? 0,
      elapsedMs: performance.now() - since,
    });
  announce();
  const ticking = setInterval(announce, TICK_MS);
  return () => clearInterval(ticking);
}
