import { extname } from 'node:path';
import { globPattern } from '../../core/glob.ts';
import type { DirectoryOptions } from '../source-options.ts';

/** Which files of a folder are read. Paths are relative to it, with `/`. */
export interface FileSelection {
  /** Whether the file is a manifest to read. */
  readonly reads: (file: string) => boolean;
  /** Whether the file was left out by name, so that it counts for nothing. */
  readonly leavesOut: (file: string) => boolean;
}

/** The endings of files that are read as manifests (Argo CD's directory source reads the same, and jsonnet). */
const MANIFEST_ENDINGS = new Set(['.yaml', '.yml', '.json']);

/** The selection that the globs make; as in Argo CD's `directory.include` and `exclude`, their stars match slashes too. */
export function fileSelectionOf({ include = [], exclude = [] }: DirectoryOptions): FileSelection {
  const included = include.map((glob) => globPattern(glob, true));
  const excluded = exclude.map((glob) => globPattern(glob, true));
  const leavesOut = (file: string): boolean => excluded.some((glob) => glob.test(file));
  return {
    leavesOut,
    reads: (file) =>
      MANIFEST_ENDINGS.has(extname(file)) &&
      !leavesOut(file) &&
      (included.length === 0 || included.some((glob) => glob.test(file))),
  };
}
