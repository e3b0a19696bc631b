import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { failure, type SynclineError } from '../core/failures.ts';

/** The folder that what is rendered may not reach out of: a repository, or a folder by itself. */
export interface Boundary {
  /** Its path, links resolved. */
  readonly root: string;
  /** What messages call it. */
  readonly named: string;
}

/** Whether a path, links resolved, is a folder or lies in it. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}

/** The git work tree that a path (links resolved) lies in; undefined when it lies in none. */
export async function enclosingRepository(path: string): Promise<Boundary | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (await exists(join(folder, '.git'))) return { root: folder, named: `the repository ${folder}` };
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * The real path of something in a boundary; undefined when there is nothing there. `named` is what messages call it.
 * Throws `InvalidManifest` when it lies outside, by its links too.
 */
export async function resolveInside(boundary: Boundary, path: string, named: string): Promise<string | undefined> {
  if (!isInside(boundary.root, path)) throw outside(boundary, named);
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined && !isInside(boundary.root, real)) throw outside(boundary, named);
  return real;
}

/** The error for what leaves a boundary. */
export function outside(boundary: Boundary, named: string): SynclineError {
  return failure('InvalidManifest', `${named} can't be read: it leads out of ${boundary.named}.`, {
    remedy: 'Put what it names into the repository, or correct the path.',
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
