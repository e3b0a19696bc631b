import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failure } from '../../core/failures.ts';
import type { Boundary } from '../boundary.ts';
import { resolveInside } from '../boundary.ts';
import { below } from '../place.ts';
import type { HelmOptions } from '../source-options.ts';
import { setFilePaths } from './arguments.ts';

/** Throws `InvalidManifest` when a link in a chart's folder leads out of the boundary: Helm would follow it. */
export async function refuseLeavingLinks(chart: string, named: string, boundary: Boundary): Promise<void> {
  const entries: readonly Dirent[] = await readdir(chart, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isSymbolicLink())) {
    const path = join(entry.parentPath, entry.name);
    await resolveInside(boundary, path, below(named, path.slice(chart.length + 1)));
  }
}

/**
 * Checks the files that the flags name, relative to `base`: each must be there and, where there is a boundary, a relative
 * one must lie in it. Throws `InvalidRequest` or `InvalidManifest`. What has a scheme is left to Helm.
 */
export async function checkNamedFiles(
  options: HelmOptions,
  base: string,
  boundary: Boundary | undefined,
): Promise<void> {
  const named = [
    ...(options.values ?? []).map((path) => ({ flag: '--values', path })),
    ...setFilePaths(options.setFile ?? []).map((path) => ({ flag: '--set-file', path })),
  ];
  for (const { flag, path } of named) {
    if (/^[a-z]+:\/\//.test(path)) continue;
    const full = resolve(base, path);
    if (boundary !== undefined && full !== path) await resolveInside(boundary, full, path);
    if (await isFile(full)) continue;
    throw failure('InvalidRequest', `${flag} ${path} can't be read: there is no such file.`, {
      remedy:
        boundary === undefined
          ? 'Paths are relative to the working directory.'
          : 'In a git repository, paths are relative to the chart; an absolute path names a file of this machine.',
    });
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => !status.isDirectory(),
    () => false,
  );
}
