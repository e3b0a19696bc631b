import { describe, expect, test } from 'vitest';
import type { AskedSource } from '../../../sources/remote-rendering.ts';
import { foreignToRemote, mayRender } from '../../../sources/remote-rendering.ts';

const ALLOWED = ['https://git.example.com/team/*', 'https://charts.example.com', 'git+https://plain.example.com/*'];

describe('a source is rendered for others only from where a glob allows', () => {
  test.each<[AskedSource, boolean]>([
    [{ location: 'https://git.example.com/team/shop.git' }, true],
    [{ location: 'git+https://git.example.com/team/shop//deploy?ref=v1' }, true],
    [{ location: 'git+https://plain.example.com/x' }, true],
    [{ location: 'redis', helm: { repository: 'https://charts.example.com' } }, true],
    [{ location: 'redis', helm: { repository: 'https://evil.example.com' } }, false],
    [{ location: 'https://git.example.com/other/shop.git' }, false],
    [{ location: 'https://git.example.com/team/../other/shop.git' }, false],
    [{ location: 'https://git.example.com/team/%2e%2E/other/shop.git' }, false],
    [{ location: 'git+file:///srv/team' }, false],
    [{ location: '/srv/team' }, false],
    [{}, false],
  ])('%j: %s', (source, expected) => expect(mayRender(source, ALLOWED)).toBe(expected));

  test.each(['/etc', 'git+file:///etc', 'file:///etc'])('whatever the globs, %s is not', (location) =>
    expect(mayRender({ location }, ['*'])).toBe(false),
  );
});

describe('a source that is rendered for others can’t name what is its renderer’s own', () => {
  const git = 'https://git.example.com/team/shop.git';
  test.each<[string, AskedSource, string | undefined]>([
    [
      'values of its repository',
      { location: git, helm: { values: ['values/prod.yaml'], setFile: ['a=b.txt'] } },
      undefined,
    ],
    ['a values file by its full path', { location: git, helm: { values: ['a.yaml', '/etc/passwd'] } }, '/etc/passwd'],
    [
      'a values file at an address',
      { location: git, helm: { values: ['http://169.254.169.254/x'] } },
      '169.254.169.254',
    ],
    ['a second file of a --set-file', { location: git, helm: { setFile: ['a=b.txt,c=/etc/shadow'] } }, '/etc/shadow'],
    ['a full path beside an archive', { helm: { values: ['/etc/passwd'] } }, '/etc/passwd'],
    ['files for a chart in a registry', { location: 'oci://x/y', helm: { values: ['a.yaml'] } }, 'has no files'],
    ['remote bases of an overlay', { location: git, kustomize: { allowRemote: true } }, 'on the machine of its user'],
  ])('%s', (_, source, words) => {
    const failure = foreignToRemote(source);
    if (words === undefined) expect(failure).toBeUndefined();
    else expect(failure?.message).toContain(words);
  });
});
