import { describe, expect, test } from 'vitest';
import type { Listener } from '../../../core/triggers/on-push.ts';
import { matchPush } from '../../../core/triggers/on-push.ts';
import type { Push } from '../../../core/triggers/push.ts';
import { repositoryName } from '../../../core/triggers/repository-name.ts';

const COMMIT = 'c0ffee'.padEnd(40, '0');
const aPush = (change: Partial<Push> = {}): Push => ({
  sender: 'github',
  id: 'd1',
  repositories: ['https://github.com/acme/shop.git', 'git@github.com:acme/shop.git'],
  ref: { kind: 'branch', name: 'main' },
  commit: COMMIT,
  defaultBranch: 'main',
  by: 'alice',
  ...change,
});
const branch = (name: string): Partial<Push> => ({ ref: { kind: 'branch', name } });
const tag = (name: string): Partial<Push> => ({ ref: { kind: 'tag', name } });
const url = 'https://github.com/acme/shop.git';

describe('the name of a repository is the same for all its addresses', () => {
  test.each([
    'https://git.example.com/team/shop',
    'https://git.example.com/team/shop.git',
    'https://git.example.com/team/shop.git/',
    'git+https://git.example.com/team/shop.git//deploy?ref=main',
    'HTTPS://Git.Example.COM/Team/Shop.git',
    'https://git.example.com:443/team/shop',
    'http://git.example.com:80/team/shop',
    'ssh://git@git.example.com/team/shop.git',
    'ssh://git@git.example.com:22/team/shop.git',
    'git@git.example.com:team/shop.git',
    'git.example.com:team/shop',
  ])('%s', (address) => expect(repositoryName(address)).toBe('git.example.com/team/shop'));

  test.each([
    ['https://git.example.com:8443/team/shop', 'git.example.com:8443/team/shop'],
    ['https://git.example.com/team/shop2', 'git.example.com/team/shop2'],
    ['https://git.example.com.evil.net/team/shop', 'git.example.com.evil.net/team/shop'],
    ['https://git.example.com@evil.net/team/shop', 'evil.net/team/shop'],
    ['file:///srv/git/shop.git', '/srv/git/shop'],
    ['nonsense', '/nonsense'],
  ])('%s is another: %s', (address, name) => expect(repositoryName(address)).toBe(name));
});

describe('a push', () => {
  test.each<[string, Omit<Listener, 'url'>, Partial<Push>, string]>([
    ['to the branch that the source is read from', { ref: 'main', onPush: { branch: true } }, {}, 'starts'],
    ['to a branch whose ref is written in full', { ref: 'refs/heads/main', onPush: { branch: true } }, {}, 'starts'],
    ['to the default branch, where the source names none', { onPush: { branch: true } }, {}, 'starts'],
    [
      'to another branch than the default one',
      { onPush: { branch: true } },
      branch('dev'),
      'it is started by branch main, not dev',
    ],
    [
      'to another branch',
      { ref: 'main', onPush: { branch: true } },
      branch('dev'),
      'it is started by branch main, not dev',
    ],
    ['to the branch that is named', { ref: 'main', onPush: { branch: 'dev' } }, branch('dev'), 'starts'],
    [
      'of a source that is read at a commit',
      { ref: COMMIT, onPush: { branch: true } },
      {},
      `its source is read at commit ${COMMIT}`,
    ],
    ['of a tag that matches', { onPush: { tags: 'v*' } }, tag('v1.2'), 'starts'],
    ['of a tag that does not', { onPush: { tags: 'v*' } }, tag('nightly'), 'tag nightly does not match v*'],
    ['of a tag, where tags start nothing', { onPush: { branch: true } }, tag('main'), 'tags do not start it'],
    ['to a branch, where tags alone start', { onPush: { tags: 'v*' } }, {}, 'branches do not start it'],
    [
      'that changes a file of the filter',
      { onPush: { branch: true, paths: ['deploy/*', 'charts/*'] } },
      { paths: ['README.md', 'deploy/base/a.yaml'] },
      'starts',
    ],
    [
      'that changes none of the filter',
      { onPush: { branch: true, paths: ['deploy/*'] } },
      { paths: ['README.md', 'src/deploy/a'] },
      'nothing that matches deploy/* was changed',
    ],
    ['whose files are not all known', { onPush: { branch: true, paths: ['deploy/*'] } }, {}, 'starts'],
  ])('%s', (_, listener, change, expected) => {
    const match = matchPush({ url, ...listener }, aPush(change));
    expect(match.kind === 'ignored' ? match.why : match.kind).toBe(expected);
  });

  test('whose sender tells no default branch starts nothing that names none', () => {
    const { defaultBranch: _, ...push } = aPush();
    expect(matchPush({ url, onPush: { branch: true } }, push)).toMatchObject({ kind: 'ignored' });
  });

  test.each(['https://github.com/acme/shop2', 'https://gitlab.com/acme/shop', 'https://github.com/acme'])(
    'is foreign to an application of %s',
    (other) => expect(matchPush({ url: other, onPush: { branch: true } }, aPush())).toEqual({ kind: 'foreign' }),
  );
});
