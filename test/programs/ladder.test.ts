import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { climb, type LadderOptions } from '../../programs/ladder.ts';
import type { CatalogueEntry } from '../../programs/catalogue.ts';
import type { BinaryProgress } from '../../programs/progress.ts';

let dir: string;
let events: BinaryProgress[];
let files: Map<string, Buffer>;
let server: Server;
let origin: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ladder-'));
  for (const name of ['home', 'path', 'module']) await mkdir(join(dir, name));
  events = [];
  files = new Map();
  server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file ? 200 : 404).end(file);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(dir, { recursive: true, force: true });
});

const program = (version: string): string => `#!/bin/sh\necho "tool version ${version}"\n`;

function entry(change: Partial<CatalogueEntry> = {}): CatalogueEntry {
  return {
    version: '1.2.3',
    variable: 'TEST_TOOL',
    versionArgs: ['--version'],
    fits: /tool version 1\.2\./,
    download: () => ({ url: `${origin}/tool`, checksumUrl: `${origin}/tool.sha256` }),
    go: { module: 'tools', package: 'example.org/cmd/tool', variables: {}, coldSeconds: 1 },
    install: 'tool 1.2.3',
    ...change,
  };
}

const slot = (): string => join(dir, 'home', 'syncline', 'bin', 'tool-1.2.3-linux-amd64', 'tool');

function look(env: Record<string, string> = {}, change: Partial<CatalogueEntry> = {}) {
  const options: LadderOptions = {
    onProgress: (event) => void events.push(event),
    platform: { os: 'linux', arch: 'amd64' },
    moduleDir: () => join(dir, 'module'),
    env: { PATH: `${join(dir, 'path')}:/bin:/usr/bin`, XDG_CACHE_HOME: join(dir, 'home'), ...env },
  };
  return climb(['tool'], { tool: entry(change) }, options);
}

async function executable(path: string, content: string): Promise<string> {
  await writeFile(path, content);
  await chmod(path, 0o755);
  return path;
}

function publish(content: Buffer | string, checksum?: string): void {
  const bytes = Buffer.from(content);
  files.set('/tool', bytes);
  files.set('/tool.sha256', Buffer.from(checksum ?? createHash('sha256').update(bytes).digest('hex')));
}

/** A `go` that writes the programs it is asked for, counts its calls, and takes its time. */
async function installGo(version = '1.2.3'): Promise<void> {
  const script = `#!/bin/sh
if [ "$1" = version ]; then echo "go version go1.26.0 linux/amd64"; exit 0; fi
echo "$@" >> "${join(dir, 'builds')}"
while [ "$1" != -o ]; do shift; done
sleep 0.3
printf '%s' '${program(version)}' > "$2tool"
chmod +x "$2tool"
`;
  await executable(join(dir, 'path', 'go'), script);
}

const builds = async (): Promise<number> =>
  (await readFile(join(dir, 'builds'), 'utf8').catch(() => '')).split('\n').filter(Boolean).length;
const sources = (): string[] => events.flatMap((event) => (event.kind === 'ready' ? [event.source] : []));

describe('the environment variable', () => {
  test('comes first, whatever the version', async () => {
    await executable(join(dir, 'path', 'tool'), program('1.2.0'));
    const named = await executable(join(dir, 'mine'), program('9.9.9'));
    expect(await look({ TEST_TOOL: named })).toEqual({ tool: named });
    expect(sources()).toEqual(['variable']);
  });

  test('that names nothing executable is an error', async () => {
    await writeFile(join(dir, 'mine'), '');
    await expect(look({ TEST_TOOL: join(dir, 'mine') })).rejects.toThrow('TEST_TOOL names');
  });
});

describe('the PATH', () => {
  test('gives a program of the right minor version', async () => {
    const path = await executable(join(dir, 'path', 'tool'), program('1.2.9'));
    expect(await look()).toEqual({ tool: path });
  });

  test('is passed over when the version does not fit', async () => {
    await executable(join(dir, 'path', 'tool'), program('1.3.0'));
    publish(program('1.2.3'));
    expect(await look()).toEqual({ tool: slot() });
  });
});

describe('the download', () => {
  test('is checked, kept, and found in the cache afterwards', async () => {
    publish(program('1.2.3'));
    expect(await look()).toEqual({ tool: slot() });
    files.clear();
    expect(await look()).toEqual({ tool: slot() });
    expect(sources()).toEqual(['download', 'cache']);
  });

  test('with a wrong checksum is thrown away', async () => {
    publish(program('1.2.3'), 'a'.repeat(64));
    await expect(look()).rejects.toThrow(/the publisher says a{64}/);
  });

  test('with a wrong version is thrown away', async () => {
    publish(program('7.0.0'));
    await expect(look()).rejects.toThrow('its version does not fit: tool version 7.0.0');
  });

  test('takes the program out of an archive with a list of checksums', async () => {
    const archive = gzipSync(
      Buffer.concat([tarFile('README', 'x'.repeat(700)), tarFile('bin/tool', program('1.2.3')), Buffer.alloc(1024)]),
    );
    const digest = createHash('sha256').update(archive).digest('hex');
    files.set('/tool.tar.gz', archive);
    files.set('/sums', Buffer.from(`${'b'.repeat(64)}  other.tar.gz\n${digest}  tool.tar.gz\n`));
    const download = () => ({ url: `${origin}/tool.tar.gz`, checksumUrl: `${origin}/sums`, member: 'bin/tool' });
    expect(await look({}, { download })).toEqual({ tool: slot() });
    expect(await readFile(slot(), 'utf8')).toBe(program('1.2.3'));
  });

  test("is checked against what GitHub says of a release's files", async () => {
    publish(program('1.2.3'));
    const digest = `sha256:${files.get('/tool.sha256')!.toString()}`;
    const assets = [
      { name: 'other', digest: null },
      { name: 'tool', digest },
    ];
    files.set('/release', Buffer.from(JSON.stringify({ assets })));
    const download = () => ({ url: `${origin}/tool`, checksumUrl: `${origin}/release` });
    expect(await look({}, { download })).toEqual({ tool: slot() });
  });

  test('is not tried when SYNCLINE_OFFLINE is 1', async () => {
    publish(program('1.2.3'));
    await installGo();
    await look({ SYNCLINE_OFFLINE: '1' });
    expect(sources()).toEqual(['build']);
  });
});

describe('the build', () => {
  test('comes when there is no download', async () => {
    await installGo();
    expect(await look()).toEqual({ tool: slot() });
    expect(events.map(({ kind }) => kind)).toEqual(['looking', 'download-failed', 'building', 'ready']);
  });

  test('of two who start at once is done once', async () => {
    await installGo();
    const both = await Promise.all([look(), look()]);
    expect(both).toEqual([{ tool: slot() }, { tool: slot() }]);
    expect(await builds()).toBe(1);
    expect(events.some(({ kind }) => kind === 'waiting')).toBe(true);
  });
});

describe('a broken cache entry is replaced', () => {
  const damages: Record<string, () => Promise<void>> = {
    'cut short': () => truncate(slot(), 5),
    'changed in place': async () => {
      const content = await readFile(slot(), 'utf8');
      await writeFile(slot(), content.replace('tool', 'fool'));
    },
    'longer than it was': () => appendFile(slot(), '\n'),
    'not executable': () => chmod(slot(), 0o644),
    gone: () => rm(slot()),
    'without its manifest': () => rm(join(slot(), '..', 'manifest.json')),
    'with half a manifest': () => writeFile(join(slot(), '..', 'manifest.json'), '{"sha'),
  };
  test.each(Object.keys(damages))('%s', async (damage) => {
    publish(program('1.2.3'));
    await look();
    if (damage === 'not executable' && process.getuid?.() === 0) await chmod(slot(), 0o600);
    await damages[damage]!();
    await look();
    expect(events.some(({ kind }) => kind === 'repairing')).toBe(true);
    expect(sources()).toEqual(['download', 'download']);
    expect(await readFile(slot(), 'utf8')).toBe(program('1.2.3'));
  });

  test('but one that was only touched is kept', async () => {
    publish(program('1.2.3'));
    await look();
    await writeFile(slot(), program('1.2.3'));
    await look();
    expect(sources()).toEqual(['download', 'cache']);
  });
});

test('when no step works the error says what was tried and what to install', async () => {
  await executable(join(dir, 'path', 'tool'), program('1.3.0'));
  await executable(join(dir, 'path', 'go'), '#!/bin/sh\necho "go version go1.17 linux/amd64"\n');
  const message = await look().then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );
  expect(message).toContain('its version does not fit: tool version 1.3.0');
  expect(message).toContain('answered 404');
  expect(message).toContain('too old');
  expect(message).toContain('Install Go 1.26 or newer');
  expect(message).toContain('tool 1.2.3, in PATH or named by TEST_TOOL');
});

test('the search ends with the signal', async () => {
  await installGo();
  const cancel = new AbortController();
  const climbing = climb(
    ['tool'],
    { tool: entry() },
    {
      onProgress: ({ kind }) => {
        if (kind === 'building') cancel.abort();
      },
      signal: cancel.signal,
      platform: { os: 'linux', arch: 'amd64' },
      moduleDir: () => join(dir, 'module'),
      env: { PATH: `${join(dir, 'path')}:/bin:/usr/bin`, XDG_CACHE_HOME: join(dir, 'home') },
    },
  );
  await expect(climbing).rejects.toThrow(/abort/);
});

function tarFile(name: string, content: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000755\0', 100);
  header.write(`${Buffer.byteLength(content).toString(8).padStart(11, '0')}\0`, 124);
  header.write('ustar\0', 257);
  const padding = Buffer.alloc((512 - (Buffer.byteLength(content) % 512)) % 512);
  return Buffer.concat([header, Buffer.from(content), padding]);
}
