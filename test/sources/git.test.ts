import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, readdir, rm, symlink, truncate } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBinaries } from '../../programs/ladder.ts';
import type { SourceOptions } from '../../sources/source-options.ts';
import { sourceLab } from './support/folder.ts';
import { commitAll, git, makeRepository, serveRepositories } from './support/repository.ts';

const run = promisify(execFile);
const lab = sourceLab();
const aConfigMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
let work: string;
let url: string;
let first: string;

beforeEach(async () => {
  const made = await makeRepository(lab.root());
  work = made.work;
  url = `file://${made.bare}`;
  await lab.write({ 'work/deploy/a.yaml': aConfigMap('one') });
  first = await commitAll(work, 'first');
});

let renderers: Readonly<Record<string, string>>;
beforeAll(async () => {
  const { helm, kustomize } = await findBinaries(['helm', 'kustomize']);
  renderers = { SYNCLINE_HELM: helm, SYNCLINE_KUSTOMIZE: kustomize };
});

/** A cache of the test's own, so that each begins without a mirror; the programs of the usual one. */
const withCache = (options: SourceOptions = {}): SourceOptions => ({
  ...options,
  env: { ...process.env, ...renderers, XDG_CACHE_HOME: join(lab.root(), 'cache'), ...options.env },
});
const read = (location: string, options?: SourceOptions) => lab.read(location, withCache(options));
const refusal = (location: string, options?: SourceOptions) => lab.refusal(location, withCache(options));
const texts = async (location: string, options?: SourceOptions) =>
  (await read(location, options)).files.map(({ text }) => text.match(/name: (.*)/)?.[1]);

describe('a git repository', () => {
  it('is read at its HEAD, and the commit is the revision', async () => {
    expect(await read(`${url}//deploy`)).toEqual({
      files: [{ file: 'a.yaml', text: aConfigMap('one') }],
      revision: first,
    });
  });

  it('is read over ssh, by what GIT_SSH_COMMAND names', async () => {
    // Does what sshd would do with the last argument, and notes what it was asked for.
    const log = join(lab.root(), 'asked');
    const ssh = join(lab.root(), 'ssh');
    await lab.write({ ssh: `#!/bin/sh\necho "$@" >> ${log}\nfor last; do :; done\neval "exec $last"\n` });
    await chmod(ssh, 0o755);
    const env = { GIT_SSH_COMMAND: ssh };
    const bare = join(lab.root(), 'repo.git');

    expect(await read(`ssh://git@git.example.com:2222${bare}//deploy`, { env })).toMatchObject({ revision: first });
    expect(await read(`git@git.example.com:${bare}`, { env, git: { path: 'deploy' } })).toMatchObject({
      revision: first,
    });

    const asked = await readFile(log, 'utf8');
    expect(asked).toContain('-p 2222 git@git.example.com git-upload-pack');
    expect(await refusal(`ssh://git@git.example.com${lab.root()}/gone.git`, { env })).toMatchObject({
      type: 'InvalidRequest',
    });
  });

  it('is read anew when a branch has moved, and at a branch, a tag and a commit', async () => {
    await git(work, 'tag', '-a', 'v1', '-m', 'one');
    await git(work, 'push', '--quiet', 'origin', 'v1');
    expect(await texts(`${url}//deploy`)).toEqual(['one']);
    await lab.write({ 'work/deploy/a.yaml': aConfigMap('two') });
    const second = await commitAll(work, 'second');

    expect(await read(`${url}//deploy`)).toMatchObject({ revision: second });
    expect(await texts(`${url}//deploy?ref=main`)).toEqual(['two']);
    expect(await read(url, { git: { ref: 'v1', path: 'deploy' } })).toMatchObject({ revision: first });
    expect(await texts(`${url}//deploy?ref=${first}`)).toEqual(['one']);
  });

  it('gives a commit that is no tip, also where the server offers tips alone', async () => {
    await lab.write({ 'work/deploy/a.yaml': aConfigMap('two') });
    await commitAll(work, 'second');
    await git(join(lab.root(), 'repo.git'), 'config', 'protocol.version', '0');
    const server = await serveRepositories(lab.root(), (request) => {
      delete request.headers['git-protocol'];
      return false;
    });
    try {
      expect(await read(`git+${server.address}/repo.git//deploy?ref=${first}`)).toMatchObject({ revision: first });
    } finally {
      server.close();
    }
  });

  it('is fetched shallow, into one mirror that holds no address, and a commit it has is not fetched again', async () => {
    await lab.write({ 'work/deploy/a.yaml': aConfigMap('two') });
    const second = await commitAll(work, 'second');
    await read(`${url}//deploy`);

    const mirrors = (await readdir(join(lab.root(), 'cache/syncline/git'))).filter((name) => !name.startsWith('.'));
    expect(mirrors).toHaveLength(1);
    const mirror = join(lab.root(), 'cache/syncline/git', mirrors[0]!);
    expect(await git(mirror, 'rev-list', '--count', second)).toBe('1');
    expect(await git(mirror, 'config', '--list')).not.toContain(url);
    await rm(join(lab.root(), 'repo.git'), { recursive: true });
    expect(await read(`${url}//deploy?ref=${second}`)).toMatchObject({ revision: second });
  });

  it('is fetched into a new mirror where the old one is damaged', async () => {
    await read(`${url}//deploy`);
    const packs = join(lab.root(), 'cache/syncline/git');
    const [mirror = ''] = (await readdir(packs)).filter((name) => !name.startsWith('.'));
    const folder = join(packs, mirror, 'objects');
    for (const name of await readdir(folder, { recursive: true })) {
      if (/[0-9a-f]{30}|\.pack$/.test(name)) await truncate(join(folder, name), 3).catch(() => undefined);
    }

    expect(await texts(`${url}//deploy?ref=${first}`)).toEqual(['one']);
  });

  it('is read by two at once', async () => {
    const both = await Promise.all([read(`${url}//deploy`), read(`${url}//deploy`)]);

    expect(both.map(({ revision }) => revision)).toEqual([first, first]);
  });

  it('holds charts, overlays and files, told apart in the checkout', async () => {
    await lab.write({
      'work/chart/Chart.yaml': 'apiVersion: v2\nname: tiny\nversion: 0.1.0\n',
      'work/chart/templates/a.yaml': aConfigMap('{{ .Values.name }}'),
      'work/chart/production.yaml': 'name: from-values\n',
      'work/overlay/kustomization.yaml': 'resources: [../base]\n',
      'work/base/kustomization.yaml': 'resources: [a.yaml]\n',
      'work/base/a.yaml': aConfigMap('from-base'),
    });
    await commitAll(work, 'more');

    expect(await texts(`${url}//chart`, { helm: { values: ['production.yaml'] } })).toEqual(['from-values']);
    expect(await texts(`${url}//overlay`)).toEqual(['from-base']);
    expect(await texts(`${url}//base/a.yaml`)).toEqual(['from-base']);
  });
});

describe('a git repository that can’t be read', () => {
  it.each(['gone', 'f'.repeat(40), 'abc1234'])('has no such ref: %s', async (ref) => {
    const refused = await refusal(`${url}//deploy?ref=${ref}`);

    expect(refused).toMatchObject({ type: 'InvalidRequest' });
    expect(refused.message).toBe(`${url} has no branch, tag or commit "${ref}".`);
    expect(refused.remedy).toContain(ref === 'abc1234' ? '40 characters' : 'git ls-remote');
  });

  it('has no such path, or is no repository', async () => {
    expect((await refusal(`${url}//gone`)).message).toBe(`${url} has no gone at commit ${first.slice(0, 7)}.`);
    expect((await refusal(`file://${lab.root()}/nothing.git`)).message).toContain("can't be fetched. git says: ");
  });

  it.each([
    ['the path', 'link'],
    ['a manifest', 'deploy'],
    ['a chart’s file', 'chart'],
    ['an overlay’s base', 'overlay'],
  ])('because %s leaves it by a link', async (_, path) => {
    await lab.write({
      'work/chart/Chart.yaml': 'apiVersion: v2\nname: tiny\nversion: 0.1.0\n',
      'work/overlay/kustomization.yaml': 'resources: [base]\n',
    });
    await symlink('/etc', join(work, 'link'));
    await symlink('/etc/hostname', join(work, 'deploy/b.yaml'));
    await symlink('/etc/hostname', join(work, 'chart/secret'));
    await symlink('/etc', join(work, 'overlay/base'));
    await commitAll(work, 'links');

    expect((await refusal(`${url}//${path}`)).message).toMatch(/leads out of the repository|the link leaves/);
  });

  it('because a values file leaves it', async () => {
    await lab.write({ 'work/chart/Chart.yaml': 'apiVersion: v2\nname: tiny\nversion: 0.1.0\n' });
    await commitAll(work, 'chart');

    const refused = await refusal(`${url}//chart`, { helm: { values: ['../../../../etc/hostname'] } });

    expect(refused.message).toContain('leads out of the repository');
  });

  it('because its server hangs: it is given up at the time limit, with all that git had started', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/repo.git`;
    try {
      const refused = await refusal(`git+${address}`, { timeoutMs: 700 });

      expect(refused).toMatchObject({ type: 'InvalidRequest', message: `${address} was not fetched within 0.7 s.` });
      const left = async () => {
        const { stdout } = await run('ps', ['-eo', 'args']);
        return stdout.split('\n').filter((line) => line.includes(address));
      };
      await expect.poll(left).toEqual([]);
    } finally {
      server.close();
    }
  });
});

describe('a token', () => {
  /** Lets in whoever shows the token. */
  const guarded = (token: string) => (request: IncomingMessage, response: ServerResponse) => {
    const shown = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    if (shown === `robot:${token}`) return false;
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
    return true;
  };
  const env = { SYNCLINE_GIT_TOKEN: 'open-sesame', SYNCLINE_GIT_USERNAME: 'robot' };

  it('of the environment opens a repository', async () => {
    const server = await serveRepositories(lab.root(), guarded('open-sesame'));
    try {
      expect(await read(`git+${server.address}/repo.git//deploy`, { env })).toMatchObject({ revision: first });
    } finally {
      server.close();
    }
  });

  it('that is missing or wrong is asked for, and never told', async () => {
    const server = await serveRepositories(lab.root(), guarded('another'));
    try {
      for (const given of [{}, env]) {
        const refused = await refusal(`git+${server.address}/repo.git`, { env: given });
        expect(refused.remedy).toContain('SYNCLINE_GIT_TOKEN');
        expect(JSON.stringify(refused)).not.toContain('open-sesame');
      }
    } finally {
      server.close();
    }
  });

  it('is not given to another host that a server sends git to', async () => {
    const other = await serveRepositories(lab.root(), guarded('open-sesame'));
    const server = await serveRepositories(lab.root(), (request, response) => {
      response.writeHead(302, { Location: `${other.address}${request.url ?? ''}` }).end();
      return true;
    });
    try {
      await refusal(`git+${server.address}/repo.git`, { env });
      expect(other.seen.length).toBeGreaterThan(0);
      expect(other.seen.every(({ authorization }) => authorization === undefined)).toBe(true);
    } finally {
      other.close();
      server.close();
    }
  });

  it('in the URL is refused, and not repeated', async () => {
    const refused = await refusal('https://robot:open-sesame@example.com/repo.git');

    expect(refused.remedy).toContain('SYNCLINE_GIT_TOKEN');
    expect(JSON.stringify(refused)).not.toContain('open-sesame');
  });
});

it('git that is not installed is asked for', async () => {
  const refused = await lab.refusal(url, { env: { PATH: lab.root() } });

  expect(refused.message).toContain('git is not installed');
  expect(refused.remedy).toContain('SYNCLINE_GIT');
});
