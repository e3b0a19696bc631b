import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { Failure } from '../../../core/failures.ts';
import { SynclineError } from '../../../core/failures.ts';
import type { SourceOptions } from '../../../sources/source-options.ts';
import type { SourceText } from '../../../sources/source-text.ts';
import { readSource } from '../../../sources/source.ts';

const never = new AbortController().signal;

/** What a test of a source has: a folder of its own, and ways to read from it. */
export interface SourceLab {
  /** The folder, links resolved. */
  readonly root: () => string;
  /** Writes files below it. */
  readonly write: (files: Readonly<Record<string, string>>) => Promise<void>;
  readonly read: (location: string, options?: SourceOptions) => Promise<SourceText>;
  /** Reads what can't be read; the one failure. */
  readonly refusal: (location: string, options?: SourceOptions) => Promise<Failure>;
}

/** Gives each test of a file a folder, and checks after each that nothing of a rendering was left behind. */
export function sourceLab(): SourceLab {
  let root = '';
  // A folder for temporary files of its own, so that what other processes render meanwhile does not count.
  const temporary = process.env['TMPDIR'];
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(temporary ?? tmpdir(), 'syncline-source-test-')));
    await mkdir(join(root, '.tmp'));
    process.env['TMPDIR'] = join(root, '.tmp');
  });
  afterEach(async () => {
    expect(await readdir(join(root, '.tmp'))).toEqual([]);
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
    await rm(root, { recursive: true, force: true });
  });
  const read = (location: string, options: SourceOptions = {}): Promise<SourceText> =>
    readSource(location, never, options);
  return {
    root: () => root,
    write: async (files) => {
      for (const [file, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, file)), { recursive: true });
        await writeFile(join(root, file), text);
      }
    },
    read,
    refusal: async (location, options) => {
      const error: unknown = await read(location, options).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SynclineError);
      return (error as SynclineError).failures[0];
    },
  };
}
