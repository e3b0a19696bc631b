import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SynclineError } from '../../../core/failures.ts';
import type { SourceOptions } from '../../../sources/source-options.ts';
import { SOURCE_LIMIT_BYTES } from '../../../sources/source-text.ts';
import { readSource } from '../../../sources/source.ts';

const never = new AbortController().signal;
let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'syncline-source-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), content);
  }
}

async function names(path = root, options: SourceOptions = {}): Promise<readonly string[]> {
  return (await readSource(path, never, options)).files.map(({ file }) => file);
}

async function refusal(path: string, stdin?: Readable): Promise<SynclineError['failures'][0]> {
  const error: unknown = await readSource(path, never, stdin === undefined ? {} : { stdin }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'SynclineError', type: 'InvalidManifest' });
  const [first] = (error as SynclineError).failures;
  expect(first.remedy).toBeTruthy();
  return first;
}

describe('a directory', () => {
  it('is read at every depth, sorted by path, and only .yaml, .yml and .json of it', async () => {
    await write({
      'b.yml': 'b: 1',
      'a/z.yaml': 'z: 1',
      'a/deep/c.json': '{}',
      'README.md': '#',
      'a-b.yaml': 'ab: 1',
      Makefile: '',
    });

    expect(await readSource(root, never)).toEqual({
      files: [
        { file: 'a-b.yaml', text: 'ab: 1' },
        { file: 'a/deep/c.json', text: '{}' },
        { file: 'a/z.yaml', text: 'z: 1' },
        { file: 'b.yml', text: 'b: 1' },
      ],
    });
  });

  it('is read without its hidden files and folders', async () => {
    await write({ '.hidden.yaml': '', '.git/config.yaml': '', 'seen.yaml': '' });

    expect(await names()).toEqual(['seen.yaml']);
  });

  it('that is a mounted ConfigMap, whose files are links into a hidden folder, is read once', async () => {
    await write({ '..2026_11_23/app.yaml': 'a: 1' });
    await symlink('..2026_11_23', join(root, '..data'));
    await symlink('..data/app.yaml', join(root, 'app.yaml'));

    expect(await readSource(root, never)).toEqual({ files: [{ file: 'app.yaml', text: 'a: 1' }] });
  });

  it('with links in a circle and two ways to one file holds that file once, under its own name', async () => {
    await write({ 'folder/app.yaml': 'a: 1' });
    await symlink('..', join(root, 'folder/up'));
    await symlink('folder/app.yaml', join(root, 'a-link.yaml'));

    expect(await names()).toEqual(['folder/app.yaml']);
  });

  it.each([
    ['a file', 'other.yaml', 'link.yaml'],
    ['a folder', 'folder', 'link'],
  ])('whose link leaves it for %s is refused, and the link is named', async (_, target, link) => {
    await write({ 'outside/other.yaml': '', 'outside/folder/x.yaml': '', 'inside/app.yaml': '' });
    await symlink(join(root, 'outside', target), join(root, 'inside', link));

    const refused = await refusal(join(root, 'inside'));

    expect(refused.message).toContain(join('inside', link));
    expect(refused.message).toContain('leaves');
  });

  it('whose name begins another folder’s is left by a link to that other', async () => {
    await write({ 'app/app.yaml': '', 'app-secret/key.yaml': '' });
    await symlink('../app-secret/key.yaml', join(root, 'app/key.yaml'));

    expect((await refusal(join(root, 'app'))).message).toContain('leaves');
  });

  it('whose link leaves it for something that is no manifest is read', async () => {
    await write({ 'README.md': '', 'app/app.yaml': '' });
    await symlink('../README.md', join(root, 'app/README.md'));
    await symlink('gone.txt', join(root, 'app/gone.txt'));

    expect(await names(join(root, 'app'))).toEqual(['app.yaml']);
  });

  it('with a manifest link that leads nowhere is refused', async () => {
    await write({ 'app.yaml': '' });
    await symlink('gone.yaml', join(root, 'link.yaml'));

    expect((await refusal(root)).message).toContain('leads nowhere');
  });

  it.each([
    ['nested/Chart.yaml', 'a Helm chart'],
    ['nested/kustomization.yaml', 'a Kustomize overlay'],
    ['nested/kustomization.yml', 'a Kustomize overlay'],
    ['nested/Kustomization', 'a Kustomize overlay'],
  ])('that holds %s is refused with the command that syncs that by itself', async (file, what) => {
    await write({ [file]: '', 'app.yaml': '' });

    const refused = await refusal(root);

    expect(refused.message).toContain(what);
    expect(refused.remedy).toContain(`syncline sync ${root}/nested --app`);
    expect(refused.remedy).toContain("--exclude 'nested/*'");
  });

  it('that holds a chart is read when the chart is left out', async () => {
    await write({ 'nested/Chart.yaml': '', 'nested/templates/a.yaml': '', 'app.yaml': '' });

    expect(await names(root, { directory: { exclude: ['nested/*'] } })).toEqual(['app.yaml']);
  });

  it('is read by the globs of Argo CD’s directory source, whose stars match a slash', async () => {
    await write({ 'a.yaml': '', 'jobs/b.yaml': '', 'jobs/deep/c.json': '', 'jobs/d.txt': '' });

    expect(await names(root, { directory: { include: ['jobs/*'], exclude: ['*.json'] } })).toEqual(['jobs/b.yaml']);
  });

  it('without manifests is refused', async () => {
    await write({ 'README.md': '#' });

    expect((await refusal(root)).message).toContain(`${root} holds no manifests`);
  });

  it('larger than the limit is refused before any of it is read', async () => {
    await write({ 'a.yaml': new Uint8Array([0xff]), 'b.yaml': '', 'c.yaml': '' });
    await truncate(join(root, 'b.yaml'), SOURCE_LIMIT_BYTES / 2);
    await truncate(join(root, 'c.yaml'), SOURCE_LIMIT_BYTES / 2);

    expect((await refusal(root)).message).toContain('25 MiB');
  });

  it('with a file that is not UTF-8 is refused, and the file is named', async () => {
    await write({ 'latin1.yaml': new Uint8Array([0x61, 0x3a, 0x20, 0xe9]) });

    expect((await refusal(root)).message).toContain('latin1.yaml');
  });
});

describe('a file', () => {
  it('is named by its last part and read without its byte order mark', async () => {
    await write({ 'x/app.txt': '\uFEFFa: 1' });

    expect(await readSource(join(root, 'x/app.txt'), never)).toEqual({ files: [{ file: 'app.txt', text: 'a: 1' }] });
  });

  it('larger than the limit is refused', async () => {
    await write({ 'big.yaml': '' });
    await truncate(join(root, 'big.yaml'), SOURCE_LIMIT_BYTES + 1);

    expect((await refusal(join(root, 'big.yaml'))).message).toContain('25 MiB');
  });

  it('that does not exist is refused', async () => {
    expect((await refusal(join(root, 'gone'))).message).toContain('no such file');
  });

  it('may be a pipe, as the shell’s <(…) makes it', async () => {
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);

    const [read] = await Promise.all([readSource(pipe, never), writeFile(pipe, 'a: 1')]);

    expect(read.files).toEqual([{ file: 'pipe', text: 'a: 1' }]);
  });
});

describe('standard input', () => {
  it('is read to its end, also where a character is cut between two chunks', async () => {
    const [first, second] = [Buffer.from('a: é').subarray(0, 4), Buffer.from('a: é').subarray(4)];

    expect(await readSource('-', never, { stdin: Readable.from([first, second]) })).toEqual({
      files: [{ file: 'stdin', text: 'a: é' }],
    });
  });

  it('that is empty is refused', async () => {
    expect((await refusal('-', Readable.from(['\n']))).message).toContain('empty');
  });

  it('that never ends is refused at the limit', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024 * 1024, 'x');
      })(),
    );

    expect((await refusal('-', endless)).message).toContain('25 MiB');
  });

  it('that sends nothing is let go of when the signal aborts', async () => {
    const controller = new AbortController();
    const reading = readSource('-', controller.signal, { stdin: new PassThrough() });

    controller.abort(new Error('enough'));

    await expect(reading).rejects.toThrow('enough');
  });
});
