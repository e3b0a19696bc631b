import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failure } from '../../core/failures.ts';
import { isInside } from '../boundary.ts';
import { below } from '../place.ts';
import { rendererOf } from '../told-apart.ts';
import type { FileSelection } from './file-selection.ts';

/** A file of manifests found in a directory. */
export interface FoundFile {
  /** Path relative to the directory, with `/`. */
  readonly file: string;
  /** Where to read it, links resolved. */
  readonly path: string;
  readonly bytes: number;
}

interface Walk {
  readonly root: string;
  /** The root as the user named it, for messages. */
  readonly named: string;
  readonly selection: FileSelection;
  readonly signal: AbortSignal;
  /** Real paths seen: a folder or file that two links lead to is read once, and a circle of links ends. */
  readonly seen: Set<string>;
  readonly found: FoundFile[];
}

/**
 * Finds the manifests of a directory: regular files that are selected, at any depth, sorted by path; `named` is what
 * messages call it. What is hidden (its name begins with a dot) is skipped. Links are followed inside the directory only.
 * Throws `InvalidManifest` for a link that leaves it, and for a folder in it that Helm or Kustomize must render first.
 */
export async function findManifests(
  directory: string,
  named: string,
  selection: FileSelection,
  signal: AbortSignal,
): Promise<readonly FoundFile[]> {
  const root = await realpath(directory);
  const walk: Walk = { root, named, selection, signal, seen: new Set([root]), found: [] };
  await visitDirectory(walk, root, '');
  return walk.found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

async function visitDirectory(walk: Walk, path: string, name: string): Promise<void> {
  walk.signal.throwIfAborted();
  const entries = (await readdir(path, { withFileTypes: true })).filter((entry) => !entry.name.startsWith('.'));
  // Links come last, so that a file is named by its own place where a link leads to it too.
  const ordered = entries.sort(
    (a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()) || (a.name < b.name ? -1 : 1),
  );
  for (const entry of ordered) await visitEntry(walk, path, name, entry);
}

async function visitEntry(walk: Walk, path: string, name: string, entry: Dirent): Promise<void> {
  const file = name === '' ? entry.name : `${name}/${entry.name}`;
  if (walk.selection.leavesOut(file)) return;
  refuseUnrendered(walk, file);
  const target = entry.isSymbolicLink() ? await followLink(walk, join(path, entry.name), file) : join(path, entry.name);
  if (target === undefined) return;
  const status = await stat(target);
  const wanted = status.isDirectory() || (status.isFile() && walk.selection.reads(file));
  if (!wanted) return;
  refuseOutside(walk, target, file);
  if (walk.seen.has(target)) return;
  walk.seen.add(target);
  if (status.isDirectory()) await visitDirectory(walk, target, file);
  else walk.found.push({ file, path: target, bytes: status.size });
}

/** Where a link leads; undefined when it leads nowhere and would not be read anyway. */
async function followLink(walk: Walk, path: string, file: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (!walk.selection.reads(file)) return undefined;
    throw failure(
      'InvalidManifest',
      `${below(walk.named, file)} can't be read: the link leads nowhere.`,
      { remedy: 'Remove the link, or restore the file it names.', location: file },
      { cause },
    );
  }
}

function refuseOutside(walk: Walk, target: string, file: string): void {
  if (isInside(walk.root, target)) return;
  throw failure('InvalidManifest', `${below(walk.named, file)} can't be read: the link leaves ${walk.named}.`, {
    remedy: 'Copy what it names into the folder, or name a folder that holds both.',
    location: file,
  });
}

function refuseUnrendered(walk: Walk, file: string): void {
  const renderer = rendererOf(basename(file));
  if (renderer === undefined) return;
  const folder = below(walk.named, dirname(file));
  const left = dirname(file) === '.' ? file : `${dirname(file)}/*`;
  throw failure(
    'InvalidManifest',
    `${folder} can't be read as manifests: it is ${renderer.what} (it holds ${basename(file)}).`,
    {
      remedy: `Sync it by itself: syncline sync ${folder} --app NAME; or leave it out: --exclude '${left}'.`,
      location: file,
    },
  );
}
