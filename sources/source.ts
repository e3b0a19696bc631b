import type { Stats } from 'node:fs';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { failure, SynclineError } from '../core/failures.ts';
import { findManifests } from './manifest-directory.ts';
import type { SourceFile, SourceText } from './source-text.ts';
import { readText, refuseTooLarge } from './source-text.ts';

/**
 * Reads the manifests of a directory, of one file, or of standard input (`-`) as text, sorted by path.
 * A directory's sizes are added up before any of it is read. Throws `InvalidManifest` with a remedy when there is
 * nothing to read, it can't be read, it is larger than 25 MiB, or Helm or Kustomize must render it first.
 */
export async function readSource(
  path: string,
  signal: AbortSignal,
  stdin: Readable = process.stdin,
): Promise<SourceText> {
  try {
    if (path === '-') return { files: [await readStdin(stdin, signal)] };
    const status = await stat(path);
    return { files: status.isDirectory() ? await readDirectory(path, signal) : [await readFile(path, status, signal)] };
  } catch (error) {
    if (error instanceof SynclineError || signal.aborted) throw error;
    throw unreadable(path, error);
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
async function readFile(path: string, status: Stats, signal: AbortSignal): Promise<SourceFile> {
  refuseTooLarge(path, status.size);
  return { file: basename(path), text: await readText(createReadStream(path), path, signal) };
}

async function readDirectory(path: string, signal: AbortSignal): Promise<readonly SourceFile[]> {
  const found = await findManifests(path, signal);
  if (found.length === 0) {
    throw failure('InvalidManifest', `${path} holds no manifests: no file in it ends in .yaml, .yml or .json.`, {
      remedy: 'Name the folder that holds the manifests; hidden files and folders are skipped.',
    });
  }
  const total = found.reduce((sum, { bytes }) => sum + bytes, 0);
  refuseTooLarge(path, total);
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
