import type { Stats } from 'node:fs';
import { createReadStream } from 'node:fs';
import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { failure, SynclineError } from '../core/failures.ts';
import { unpack } from './archive/unpack.ts';
import { resolveInside } from './boundary.ts';
import { findManifests } from './directory/manifest-directory.ts';
import { fileSelectionOf } from './directory/file-selection.ts';
import { readRepository } from './git/read-repository.ts';
import { renderChart } from './helm/render-chart.ts';
import { buildOverlay } from './kustomize/build-overlay.ts';
import { readLocation } from './location.ts';
import { refuseForeign } from './foreign-options.ts';
import type { Place } from './place.ts';
import { below } from './place.ts';
import { withScratch } from './scratch.ts';
import type { SourceOptions } from './source-options.ts';
import type { SourceFile, SourceText } from './source-text.ts';
import { readText, refuseTooLarge } from './source-text.ts';
import { tellApart } from './told-apart.ts';

/**
 * Reads the manifests of a source as text: a folder or file, a Helm chart (a folder, a package, `oci://`, or by name in a
 * repository), a Kustomize overlay, one of these in a git repository (`[git+]URL[//PATH][?ref=REF]`), or standard input
 * (`-`). helm, kustomize and git do their part as programs of their own, and nothing of it is left on this machine but a
 * mirror of the repository in the user's cache.
 *
 * Throws `InvalidManifest` or `InvalidRequest` with a remedy when there is nothing to read, it can't be read or rendered,
 * it is larger than 25 MiB, or an option does not fit what it is.
 */
export async function readSource(
  location: string,
  signal: AbortSignal,
  options: SourceOptions = {},
): Promise<SourceText> {
  const place = readLocation(location, options);
  try {
    switch (place.kind) {
      case 'stdin':
        refuseForeign('stdin', options);
        return { files: [await readStdin(options.stdin ?? process.stdin, signal)] };
      case 'remote-chart':
        refuseForeign('helm', options);
        return { files: await renderChart({ reference: place.reference, named: location }, options, signal) };
      case 'git':
        return await readRepository(place, options, signal, (found) => readPlace(found, options, signal));
      case 'path':
        return { files: await readPlace({ path: place.path, named: place.path }, options, signal) };
    }
  } catch (error) {
    if (error instanceof SynclineError || signal.aborted) throw error;
    throw unreadable(location, error);
  }
}

/**
 * Reads the manifests of an archive (`tar.gz`, `tar` or zip) that came from elsewhere, by whatever its files make it. Nothing out of
 * it is read, and files that options name are looked for in it. `named` is what messages call it. Throws as `readSource` does.
 */
export async function readArchive(
  archive: string,
  named: string,
  signal: AbortSignal,
  options: SourceOptions = {},
): Promise<SourceText> {
  return withScratch(async (scratch) => {
    const root = join(scratch, 'archive');
    await mkdir(root);
    await unpack(archive, root, named, signal);
    const inner = options.git?.path ?? '';
    const path = await resolveInside({ root, named }, join(root, inner), below(named, inner));
    if (path === undefined) {
      throw failure('InvalidManifest', `There is no ${inner} in ${named}.`, { remedy: 'Correct the path.' });
    }
    const place = { path, named: below(named, inner), checkout: { root, named } };
    return { files: await readPlace(place, options, signal) };
  });
}

async function readPlace(place: Place, options: SourceOptions, signal: AbortSignal): Promise<readonly SourceFile[]> {
  const { path, named, checkout } = place;
  const kind = await tellApart(path, named, options.type);
  refuseForeign(kind, options, checkout !== undefined);
  const status = await stat(path);
  const within = checkout === undefined ? {} : { checkout };
  switch (kind) {
    case 'file':
      return [await readFile(place, status, signal)];
    case 'directory':
      return readDirectory(place, options, signal);
    case 'kustomize':
      return buildOverlay({ folder: await realpath(path), named, ...within }, options, signal);
    case 'helm': {
      const reference = await realpath(path);
      const folder = status.isDirectory() ? { folder: reference } : {};
      return renderChart({ reference, named, ...folder, ...within }, options, signal);
    }
  }
}

async function readStdin(stdin: Readable, signal: AbortSignal): Promise<SourceFile> {
  const text = await readText(stdin, 'Standard input', signal);
  if (text.trim() === '') {
    throw failure('InvalidManifest', 'Standard input holds no manifests: it is empty.', {
      remedy: 'Look at the command before the pipe: it printed nothing, or failed.',
    });
  }
  return { file: 'stdin', text };
}

/** One file; a pipe such as the shell's `<(helm template …)` is read like a file. */
async function readFile({ path, named }: Place, status: Stats, signal: AbortSignal): Promise<SourceFile> {
  refuseTooLarge(named, status.size);
  return { file: basename(path), text: await readText(createReadStream(path), named, signal) };
}

async function readDirectory(
  { path, named }: Place,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const found = await findManifests(path, named, fileSelectionOf(options.directory ?? {}), signal);
  if (found.length === 0) {
    throw failure('InvalidManifest', `${named} holds no manifests: no file in it ends in .yaml, .yml or .json.`, {
      remedy: 'Name the folder that holds the manifests; hidden files and folders are skipped.',
    });
  }
  const total = found.reduce((sum, { bytes }) => sum + bytes, 0);
  refuseTooLarge(named, total);
  const files: SourceFile[] = [];
  for (const { file, path: at } of found)
    files.push({ file, text: await readText(createReadStream(at), file, signal) });
  return files;
}

function unreadable(path: string, cause: unknown): SynclineError {
  const source = path === '-' ? 'Standard input' : path;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'this user may not read it',
    ELOOP: 'its links lead in a circle',
  };
  const why = reason[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return failure(
    'InvalidManifest',
    `${source} can't be read: ${why}.`,
    { remedy: 'Give the path of a folder or file of manifests, or - for standard input.' },
    { cause },
  );
}
