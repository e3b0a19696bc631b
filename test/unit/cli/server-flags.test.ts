import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverOf, withoutServer, withServer } from '../../../cli/flags/server-flags.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-flags-'));
  await writeFile(join(folder, 'token'), 'sl_from_a_file\n');
});
afterAll(() => rm(folder, { recursive: true }));

const url = 'https://syncline.example.com';
const env = { SYNCLINE_SERVER: url, SYNCLINE_TOKEN: 'sl_from_the_environment' };

describe('the server that a command asks', () => {
  test('is none where nothing names one, and where Temporal is named', async () => {
    expect(await serverOf({}, { env: {} })).toBeUndefined();
    expect(await serverOf({}, { env: { SYNCLINE_SERVER: '' } })).toBeUndefined();
    expect(await serverOf({ address: 'localhost:7233' }, { env })).toBeUndefined();
  });

  test('is that of the environment, or of the flag before it', async () => {
    expect(await serverOf({}, { env })).toEqual({ url, token: 'sl_from_the_environment', plainHttp: false });
    const flags = { server: 'https://b.example.com', tokenFile: join(folder, 'token'), plainHttp: true };
    expect(await serverOf(flags, { env })).toEqual({
      ...{ url: 'https://b.example.com', token: 'sl_from_a_file', plainHttp: true },
    });
  });

  test.each([
    ['two places', { server: url, address: 'localhost:7233' }, env, 'name two places'],
    ['no token', { server: url }, {}, 'there is no token for the server'],
    ['a token file that is not there', { server: url, tokenFile: '/nowhere' }, env, "the file of --token-file can't"],
    ['an authority that is not there', { server: url, serverCa: '/nowhere' }, env, "the file of --server-ca can't"],
  ])('is refused with %s', async (_, flags, surroundings, words) => {
    await expect(serverOf(flags, { env: surroundings })).rejects.toThrow(words);
  });
});

describe('a command that stands beside Temporal and the cluster', () => {
  const run = (args: readonly string[], surroundings: Readonly<Record<string, string>> = {}) => {
    const program = new Command('syncline').exitOverride();
    const command = program.command('sweep').option('--address <host:port>');
    withoutServer(command, surroundings).action(() => undefined);
    return program.parseAsync(['sweep', ...args], { from: 'user' });
  };
  const words = /syncline sweep works beside Temporal and the cluster, not through a server/;

  test('says so where a server is named, and runs where none is', async () => {
    await expect(run(['--server', url])).rejects.toThrow(words);
    await expect(run([], env)).rejects.toThrow(words);
    await expect(run(['--address', 'localhost:7233'], env)).resolves.toBeDefined();
    await expect(run([])).resolves.toBeDefined();
  });

  test('is another one than those that take a server', () => {
    const flags = withServer(new Command('list')).options.map(({ long }) => long);
    expect(flags).toEqual(['--server', '--token-file', '--server-ca', '--plain-http']);
  });
});
