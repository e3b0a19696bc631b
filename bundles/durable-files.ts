import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Tells whether an error is the file system's, with this code. */
export function isFileError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/**
 * Writes a file as a whole or not at all, durable once it returns: a new file in `scratch`, flushed, then renamed over
 * `path`, then the folder flushed. Files are 0600 and folders 0700, as bundles may hold Secrets.
 */
export async function writeDurably(
  scratch: string,
  path: string,
  content: Uint8Array | string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const draft = join(scratch, randomUUID());
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(content, { signal });
      await file.sync();
    } finally {
      await file.close();
    }
    await renameInto(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
  await flushFolder(dirname(dirname(path)));
}

/** Renames into a folder that a collection may remove while it is empty: between `mkdir` and `rename`, and within `mkdir`'s own steps. */
async function renameInto(draft: string, path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(draft, path);
      return;
    } catch (error) {
      if (!isFileError(error, 'ENOENT') || attempt === 100) throw error;
    }
  }
}

async function flushFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    // A collection has removed the folder since: then there is nothing to flush, and what was written in it is gone by rights.
    if (!isFileError(error, 'ENOENT')) throw error;
  }
}

/** A file name that is never used twice and sorts by a time (ms since 1970), which comes first in a fixed length. */
export function datedName(time: number): string {
  return `${String(time).padStart(15, '0')}.${randomUUID()}`;
}

/** The names in a folder, sorted; none where there is no such folder. */
export async function listFolder(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Removes a file. False when it was not there. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Removes a folder if it is empty. */
export async function removeEmptyFolder(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (!isFileError(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}
