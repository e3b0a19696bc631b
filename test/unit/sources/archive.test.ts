import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ARCHIVE_LIMITS } from '../../../sources/archive/entry.ts';
import { readArchive } from '../../../sources/source.ts';
import type { SourceOptions } from '../../../sources/source-options.ts';
import type { ArchiveEntry } from '../../support/archives.ts';
import { tarGz, zip } from '../../support/archives.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-archive-'));
});
afterEach(() => rm(folder, { recursive: true }));

const signal = new AbortController().signal;
const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

async function read(bytes: Buffer, options: SourceOptions = {}) {
  const path = join(folder, 'upload');
  await writeFile(path, bytes);
  return readArchive(path, 'the archive', signal, options);
}

const KINDS: readonly (readonly [string, (entries: readonly ArchiveEntry[]) => Promise<Buffer>])[] = [
  ['tar.gz', (entries) => tarGz(...entries)],
  ['zip', async (entries) => zip(entries)],
];

describe.each(KINDS)('a %s archive', (_, pack) => {
  test('is read as the folder that was packed', async () => {
    const bytes = await pack([
      { name: 'deploy/', type: 'directory' },
      { name: './deploy/b.yaml', text: config('b') },
      { name: 'deploy/a.yaml', text: config('a') },
      { name: 'README.md', text: 'no manifest' },
    ]);
    const { files } = await read(bytes);
    expect(files).toEqual([
      { file: 'deploy/a.yaml', text: config('a') },
      { file: 'deploy/b.yaml', text: config('b') },
    ]);
    expect((await read(bytes, { git: { path: 'deploy' } })).files.map(({ file }) => file)).toEqual([
      'a.yaml',
      'b.yaml',
    ]);
  });

  test.each<readonly [string, readonly ArchiveEntry[], RegExp]>([
    ['leads out of it', [{ name: '../evil.yaml', text: 'x' }], /leads out|can't be unpacked/],
    ['leads out of it in its middle', [{ name: 'a/../../evil.yaml', text: 'x' }], /leads out|can't be unpacked/],
    ['is absolute', [{ name: '/etc/evil.yaml', text: 'x' }], /absolute|can't be unpacked/],
    ['has backslashes', [{ name: 'a\\..\\..\\evil.yaml', text: 'x' }], /not allowed|can't be unpacked/],
    ['is a symbolic link', [{ name: 'a.yaml', type: 'symlink', target: '/etc/passwd' }], /neither a file nor a folder/],
    [
      'goes through a symbolic link',
      [
        { name: 'a', type: 'symlink', target: '/tmp' },
        { name: 'a/evil.yaml', text: 'x' },
      ],
      /neither a file nor a folder/,
    ],
    ['is a device', [{ name: 'a.yaml', type: 'character-device' }], /neither a file nor a folder/],
    [
      'comes twice',
      [
        { name: 'a.yaml', text: 'x' },
        { name: 'a.yaml', text: 'y' },
      ],
      /can't be unpacked/,
    ],
    ['lies too deep', [{ name: `${'a/'.repeat(40)}a.yaml`, text: 'x' }], /too deep/],
    [
      'is larger than it may be',
      [{ name: 'a.yaml', text: Buffer.alloc(ARCHIVE_LIMITS.bytes + 1) }],
      /more than 25 MiB/,
    ],
  ])('with an entry that %s is refused', async (_case, entries, message) => {
    const bytes = await pack(entries);
    await expect(read(bytes)).rejects.toThrow(message);
    await expect(read(bytes)).rejects.toMatchObject({ type: 'InvalidManifest' });
  });

  test('with too many entries is refused', async () => {
    const entries = Array.from({ length: ARCHIVE_LIMITS.entries + 1 }, (_each, at) => ({
      name: `${String(at)}/`,
      type: 'directory' as const,
    }));
    await expect(read(await pack(entries))).rejects.toThrow('more than 5000 entries');
  });

  test('leaves nothing behind, whatever comes of it', async () => {
    const renders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('syncline-render-')).length;
    const before = await renders();
    await read(await pack([{ name: 'a.yaml', text: config('a') }]));
    await read(await pack([{ name: '../a.yaml', text: 'x' }])).catch(() => undefined);
    expect(await renders()).toBeLessThanOrEqual(before);
  });

  test('that is cut short is refused', async () => {
    const bytes = await pack([
      { name: 'a.yaml', text: Buffer.from(Array.from({ length: 9_000 }, (_each, at) => (at * 7919) % 251)) },
    ]);
    await expect(read(bytes.subarray(0, bytes.length - 900))).rejects.toMatchObject({ type: 'InvalidManifest' });
  });
});

test('a link in a tar file to a file of it is refused as well', async () => {
  const bytes = await tarGz({ name: 'a.yaml', text: 'x' }, { name: 'b.yaml', type: 'link', target: 'a.yaml' });
  await expect(read(bytes)).rejects.toThrow('neither a file nor a folder');
});

test('a zip entry that is larger than its header says is refused', async () => {
  await expect(read(zip([{ name: 'a.yaml', text: 'x'.repeat(5_000) }], 10))).rejects.toMatchObject({
    type: 'InvalidManifest',
  });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['plain text', Buffer.from('apiVersion: v1')],
  ['a gzip file of something else', gzipSync('apiVersion: v1')],
  ['an empty tar file', gzipSync(Buffer.alloc(1_024))],
  ['gigabytes of zeros', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
])('%s is no archive', async (_, bytes) => {
  await expect(read(bytes)).rejects.toMatchObject({ type: 'InvalidManifest' });
});

test('a path that is not in the archive is told', async () => {
  await expect(read(await tarGz({ name: 'a.yaml', text: config('a') }), { git: { path: 'b' } })).rejects.toThrow(
    'There is no b in the archive',
  );
  await expect(read(await tarGz({ name: 'a.yaml', text: config('a') }), { git: { path: '../..' } })).rejects.toThrow(
    'leads out of the archive',
  );
});
