import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'syncline-render-';
/** Longer than any rendering takes; what is older was left by a process that was killed. */
const STALE_MS = 24 * 3600 * 1000;

/**
 * Runs `work` with a folder only this user can read, and removes the folder whatever happens: also when the process exits
 * meanwhile. A process that was killed can't; what such a one left is removed a day later by the next.
 */
export async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await removeStale();
  const folder = await realpath(await mkdtemp(join(tmpdir(), PREFIX)));
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeNow);
  try {
    await mkdir(join(folder, 'home'));
    await mkdir(join(folder, 'tmp'));
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    process.removeListener('exit', removeNow);
  }
}

async function removeStale(): Promise<void> {
  const root = tmpdir();
  const names = await readdir(root).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const path = join(root, name);
    const status = await stat(path).catch(() => undefined);
    const isOwn = status?.uid === process.getuid?.();
    if (status === undefined || !isOwn || Date.now() - status.mtimeMs < STALE_MS) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
