import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fileStore } from '../../../bundles/file-store.ts';
import { describeBundleStore } from '../../fakes/store-contract.ts';

const never = new AbortController().signal;
const base = await mkdtemp(join(tmpdir(), 'syncline-bundles-'));
let root: string;

afterAll(() => rm(base, { recursive: true, force: true }));

async function newRoot(): Promise<string> {
  return join(await mkdtemp(join(base, 'store-')), 'not', 'yet', 'there');
}

beforeEach(async () => {
  root = await newRoot();
});

async function copiesOf(digest: string, at = root): Promise<readonly string[]> {
  const folder = join(at, 'bundles', digest.slice('sha256:'.length));
  return (await readdir(folder)).map((copy) => join(folder, copy));
}

describeBundleStore(
  'file',
  async () => {
    const fresh = await newRoot();
    return {
      open: (now) => fileStore(fresh, now),
      damage: async (digest) => {
        const [copy = ''] = await copiesOf(digest, fresh);
        const bytes = await readFile(copy);
        bytes[bytes.length - 1] = bytes.at(-1)! ^ 0xff;
        await writeFile(copy, bytes);
      },
    };
  },
  { runs: 60 },
);

describe('the files of a store', () => {
  it('can be read by their owner only', async () => {
    const store = fileStore(root);
    const digest = await store.put(Buffer.from('secret'), never);
    await store.refer('r', [digest], never);

    const paths = (await readdir(root, { recursive: true })).map((path) => join(root, path));
    const modes = await Promise.all(
      paths.map(async (path) => {
        const status = await stat(path);
        return [status.isDirectory() ? 'folder' : 'file', (status.mode & 0o777).toString(8)].join(' ');
      }),
    );

    expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
  });

  it('are compressed', async () => {
    const digest = await fileStore(root).put(Buffer.alloc(1_000_000, 'manifest '), never);

    expect((await stat((await copiesOf(digest))[0]!)).size).toBeLessThan(10_000);
  });

  it('of a format that a later version writes are refused with that reason', async () => {
    const store = fileStore(root);
    const digest = await store.put(Buffer.from('x'), never);
    await writeFile((await copiesOf(digest))[0]!, Uint8Array.of(9, 1, 2));

    await expect(store.get(digest, never)).rejects.toThrow(/format 9 is unknown/);
  });

  it('hold one copy of bytes that are stored again and again, and no drafts', async () => {
    const store = fileStore(root);
    const digests = await Promise.all([1, 2, 3].map(() => store.put(Buffer.from('x'), never)));
    const digest = await store.put(Buffer.from('x'), never);

    expect(new Set(digests)).toEqual(new Set([digest]));
    expect(await copiesOf(digest)).toHaveLength(1);
    expect(await readdir(join(root, 'scratch'))).toEqual([]);
  });

  it('that a dead process left half-written are never seen, and go an hour later', async () => {
    const store = fileStore(root);
    const digest = await store.put(Buffer.from('x'), never);
    const [young, old] = [join(root, 'scratch', 'young'), join(root, 'scratch', 'old')];
    await writeFile(young, 'half');
    await writeFile(old, 'half');
    const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(old, twoHoursAgo, twoHoursAgo);

    expect(await store.collect(0, never)).toBe(1);

    expect(await store.has(digest, never)).toBe(false);
    expect(await readdir(join(root, 'scratch'))).toEqual(['young']);
  });

  it('are all kept while one reference can’t be read', async () => {
    const store = fileStore(root);
    const digest = await store.put(Buffer.from('x'), never);
    await store.refer('r', [digest], never);
    const [file = ''] = await readdir(join(root, 'references'));
    await writeFile(join(root, 'references', file), '{"name":"r"');

    await expect(store.collect(0, never)).rejects.toThrow(file);

    expect(await store.has(digest, never)).toBe(true);
  });
});

describe('several processes on one store', () => {
  it('never lose bytes that one of them has stored and referred to', { timeout: 60_000 }, async () => {
    const program = join(import.meta.dirname, 'store-process.ts');
    const results = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        promisify(execFile)(process.execPath, [program, root, name, randomBytes(4).toString('hex')]),
      ),
    );

    expect(results.map(({ stdout }) => stdout.trim())).toEqual(['kept', 'kept', 'kept']);
  });
});
