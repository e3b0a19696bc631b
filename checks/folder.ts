import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CustomCheck } from '../core/health/custom-checks.ts';

/** The file of a kind's folder that holds its health check. */
const SCRIPT = 'health.lua';

/**
 * The health checks of a folder laid out like Argo CD's `resource_customizations`: `<group>/<kind>/health.lua`, or
 * `<kind>/health.lua` in the core group, where `_` in the name of a folder stands for any text. Other files (actions, tests) are
 * left alone. Throws what Node throws for a folder that can't be read.
 */
export async function checksOfFolder(folder: string, signal: AbortSignal): Promise<readonly CustomCheck[]> {
  const checks: CustomCheck[] = [];
  for (const first of await foldersOf(folder)) {
    signal.throwIfAborted();
    checks.push(...(await checkAt(folder, [first])));
    for (const second of await foldersOf(join(folder, first))) checks.push(...(await checkAt(folder, [first, second])));
  }
  return checks;
}

async function foldersOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
}

async function checkAt(folder: string, names: readonly string[]): Promise<readonly CustomCheck[]> {
  const place = join(folder, ...names, SCRIPT);
  try {
    const code = await readFile(place, 'utf8');
    return [{ kinds: names.join('/').replaceAll('_', '*'), code, place }];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
