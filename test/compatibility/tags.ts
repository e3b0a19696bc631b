import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A row named by a test. */
export interface Tag {
  /** `<section>.<slug>`. */
  readonly name: string;
  /** The file of the test, from the project's root. */
  readonly file: string;
  readonly line: number;
}

const TAG = /\[argo ([^\]\n]*)\]/g;

/** The tags in the text of a test file: `[argo 3.Replace]`, wherever it stands, so that tables of `it.each` may hold them. */
export function tagsIn(text: string, file: string): readonly Tag[] {
  return text
    .split('\n')
    .flatMap((line, index) => [...line.matchAll(TAG)].map(([, name = '']) => ({ name, file, line: index + 1 })));
}

/** The tags of all tests below `root`'s folder `test`, in the order of their files. */
export async function readTags(root: string): Promise<readonly Tag[]> {
  const entries = await readdir(join(root, 'test'), { recursive: true });
  const files = entries
    .filter((entry) => entry.endsWith('.test.ts') && !entry.endsWith('compatibility.test.ts'))
    .map((entry) => join('test', entry))
    .sort();
  const tags = await Promise.all(files.map(async (file) => tagsIn(await readFile(join(root, file), 'utf8'), file)));
  return tags.flat();
}
