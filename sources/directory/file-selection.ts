import { extname } from 'node:path';
import { failure } from '../../core/failures.ts';
import type { DirectoryOptions } from '../source-options.ts';
import { globExpression } from './glob.ts';

/** Which files of a folder are read. Paths are relative to it, with `/`. */
export interface FileSelection {
  /** Whether the file is a manifest to read. */
  readonly reads: (file: string) => boolean;
  /** Whether the file was left out by name, so that it counts for nothing. */
  readonly leavesOut: (file: string) => boolean;
}

/** The endings of files that are read as manifests (Argo CD's directory source reads the same, and jsonnet). */
const MANIFEST_ENDINGS = new Set(['.yaml', '.yml', '.json']);

/** The selection that the globs make. Throws `InvalidRequest` for a glob that can't be read. */
export function fileSelectionOf({ include = [], exclude = [] }: DirectoryOptions): FileSelection {
  const included = include.map(expressionOf);
  const excluded = exclude.map(expressionOf);
  const leavesOut = (file: string): boolean => excluded.some((glob) => glob.test(file));
  return {
    leavesOut,
    reads: (file) =>
      MANIFEST_ENDINGS.has(extname(file)) &&
      !leavesOut(file) &&
      (included.length === 0 || included.some((glob) => glob.test(file))),
  };
}

function expressionOf(glob: string): RegExp {
  const expression = globExpression(glob);
  if (expression !== undefined) return expression;
  throw failure('InvalidRequest', `${JSON.stringify(glob)} is no glob: a bracket in it is not closed.`, {
    remedy: 'Write [ ] and { } in pairs, or a backslash before one that means itself.',
  });
}
