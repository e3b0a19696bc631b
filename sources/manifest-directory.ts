import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { failure } from '../core/failures.ts';

/** A file of manifests found in a directory. */
export interface FoundFile {
  /** Path relative to the directory, with `/`. */
  readonly file: string;
  /** Where to read it, links resolved. */
  readonly path: string;
  readonly bytes: number;
}

/** The endings of files that are read as manifests (Argo CD's directory source reads the same, and jsonnet). */
const MANIFEST_ENDINGS = new Set(['.yaml', '.yml', '.json']);

/** Files that make a folder the input of a renderer; names as Helm and Kustomize look for them. */
const RENDERED_BY: Readonly<Record<string, { readonly what: string; readonly command: string }>> = {
  'Chart.yaml': { what: 'a Helm chart', command: 'helm template NAME' },
  'kustomization.yaml': { what: 'a Kustomize folder', command: 'kustomize build' },
  'kustomization.yml': { what: 'a Kustomize folder', command: 'kustomize build' },
  Kustomization: { what: 'a Kustomize folder', command: 'kustomize build' },
};

interface Walk {
  readonly root: string;
  /** The root as the user named it, for messages. */
  readonly named: string;
  readonly signal: AbortSignal;
  /** Real paths seen: a folder or file that two links lead to is read once, and a circle of links ends. */
  readonly seen: Set<string>;
  readonly found: FoundFile[];
}

/**
 * Finds the manifests of a directory: regular files ending in .yaml, .yml or .json at any depth, sorted by path.
 * What is hidden (its name begins with a dot) is skipped. Links are followed inside the directory only.
 * Throws `InvalidManifest` for a link that leaves it, and for a folder that Helm or Kustomize must render first.
 */
export async function findManifests(directory: string, signal: AbortSignal): Promise<readonly FoundFile[]> {
  const root = await realpath(directory);
  const walk: Walk = { root, named: directory, signal, seen: new Set([root]), found: [] };
  await visitDirectory(walk, root, '');
  return walk.found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

async function visitDirectory(walk: Walk, path: string, name: string): Promise<void> {
  walk.signal.throwIfAborted();
  const entries = (await readdir(path, { withFileTypes: true })).filter((entry) => !entry.name.startsWith('.'));
  refuseUnrendered(entries, join(walk.named, name));
  // Links come last, so that a file is named by its own place where a link leads to it too.
  const ordered = entries.sort(
    (a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()) || (a.name < b.name ? -1 : 1),
  );
  for (const entry of ordered) await visitEntry(walk, path, name, entry);
}

async function visitEntry(walk: Walk, path: string, name: string, entry: Dirent): Promise<void> {
  const file = name === '' ? entry.name : `${name}/${entry.name}`;
  const target = entry.isSymbolicLink() ? await followLink(walk, join(path, entry.name), file) : join(path, entry.name);
  if (target === undefined) return;
  const status = await stat(target);
  const wanted = status.isDirectory() || (status.isFile() && isManifestName(file));
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
    if (!isManifestName(file)) return undefined;
    throw failure(
      'InvalidManifest',
      `${join(walk.named, file)} can't be read: the link leads nowhere.`,
      { remedy: 'Remove the link, or restore the file it names.', location: file },
      { cause },
    );
  }
}

function refuseOutside(walk: Walk, target: string, file: string): void {
  const way = relative(walk.root, target);
  if (way !== '..' && !way.startsWith(`..${sep}`)) return;
  throw failure('InvalidManifest', `${join(walk.named, file)} can't be read: the link leaves ${walk.named}.`, {
    remedy: 'Copy what it names into the folder, or name a folder that holds both.',
    location: file,
  });
}

function refuseUnrendered(entries: readonly Dirent[], folder: string): void {
  for (const { name } of entries) {
    const renderer = RENDERED_BY[name];
    if (renderer === undefined) continue;
    throw failure(
      'InvalidManifest',
      `${folder} can't be read as manifests: it is ${renderer.what} (it holds ${name}).`,
      {
        remedy: `Render it first: ${renderer.command} ${folder} | syncline sync - --app NAME`,
      },
    );
  }
}

function isManifestName(name: string): boolean {
  return MANIFEST_ENDINGS.has(extname(name));
}
