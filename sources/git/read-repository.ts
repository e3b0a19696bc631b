import { join } from 'node:path';
import { failure } from '../../core/failures.ts';
import { resolveInside } from '../boundary.ts';
import { withScratch } from '../scratch.ts';
import type { SourceOptions } from '../source-options.ts';
import type { SourceFile, SourceText } from '../source-text.ts';
import { checkOut } from './check-out.ts';
import type { GitLocation } from './git-location.ts';
import type { Place } from '../place.ts';

/**
 * Reads a folder or file of a commit: `readPlace` is given where its checkout is, as long as that lasts. The revision is the
 * commit. Throws `InvalidRequest` when the commit has no such path, and `InvalidManifest` when the path leaves it by a link.
 */
export async function readRepository(
  location: GitLocation,
  options: SourceOptions,
  signal: AbortSignal,
  readPlace: (place: Place) => Promise<readonly SourceFile[]>,
): Promise<SourceText> {
  return withScratch(async (scratch) => {
    const { commit, tree } = await checkOut(location, scratch, options, signal);
    const checkout = { root: tree, named: 'the repository' };
    const named = location.path === '' ? location.url : `${location.url}//${location.path}`;
    const path = await resolveInside(checkout, join(tree, location.path), named);
    if (path === undefined) {
      throw failure('InvalidRequest', `${location.url} has no ${location.path} at commit ${commit.slice(0, 7)}.`, {
        remedy: 'Check the path, which counts from the root of the repository, and the ref.',
      });
    }
    return { files: await readPlace({ path, named, checkout }), revision: commit };
  });
}
