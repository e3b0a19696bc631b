import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildAll } from './build-step.ts';
import { inspectSlot } from './cache.ts';
import { downloadAll } from './download-step.ts';
import type { LadderContext } from './ladder-context.ts';
import { withLock } from './lock.ts';
import { slotOf, type GroupOutcome, type MissingBinary } from './missing-binary.ts';

/** The steps that take time, for programs of one Go module: download each, then build the rest together. */
export async function prepareGroup(group: readonly MissingBinary[], context: LadderContext): Promise<GroupOutcome> {
  const module = group[0]?.entry.go.module ?? '';
  await mkdir(context.cacheRoot, { recursive: true });
  const wait = {
    signal: context.signal,
    onWait: (holder: { readonly pid: number }, elapsedMs: number) =>
      context.report({
        kind: 'waiting',
        what: group.map(({ name }) => name).join(', '),
        holderPid: holder.pid,
        elapsedMs,
      }),
  };
  return withLock(join(context.cacheRoot, `.${module}.lock`), wait, async () => {
    await removeLeftovers(context.cacheRoot, module);
    const workDir = join(context.cacheRoot, `${workPrefix(module)}${randomUUID()}`);
    await mkdir(workDir);
    try {
      return await prepareUnderLock(group, context, workDir);
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  });
}

async function prepareUnderLock(
  group: readonly MissingBinary[],
  context: LadderContext,
  workDir: string,
): Promise<GroupOutcome> {
  const paths = new Map<string, string>();
  let left: readonly MissingBinary[] = group;
  for (const step of [takeFromCache, downloadAll, buildAll]) {
    const outcome = left.length === 0 ? undefined : await step(left, context, workDir);
    if (outcome === undefined) break;
    for (const [name, path] of outcome.paths) paths.set(name, path);
    left = outcome.failed;
  }
  return { paths, failed: left };
}

/** Whoever held the lock before may have done the work. */
async function takeFromCache(group: readonly MissingBinary[], context: LadderContext): Promise<GroupOutcome> {
  const paths = new Map<string, string>();
  for (const { name, entry } of group) {
    const state = await inspectSlot(slotOf(name, entry, context));
    if (state.kind !== 'valid') continue;
    paths.set(name, state.path);
    context.report({ kind: 'ready', name, path: state.path, source: 'cache', elapsedMs: 0 });
  }
  return { paths, failed: group.filter(({ name }) => !paths.has(name)) };
}

function workPrefix(module: string): string {
  return `.work-${module}-`;
}

/** Under the lock nobody else works on this module, so older work folders are of processes that died. */
async function removeLeftovers(root: string, module: string): Promise<void> {
  const names = (await readdir(root)).filter((name) => name.startsWith(workPrefix(module)));
  await Promise.all(names.map((name) => rm(join(root, name), { recursive: true, force: true })));
}
