import { expect, test } from 'vitest';
import { atCommit } from '../../../sources/application-source.ts';
import { readLocation } from '../../../sources/location.ts';

const COMMIT = 'c0ffee'.padEnd(40, '0');

test.each([
  [{ location: 'https://git.example.com/shop.git', git: { ref: 'main', path: 'deploy' } }],
  [{ location: 'git+https://git.example.com/shop//deploy?ref=main' }],
  [{ location: 'git@git.example.com:team/shop.git//deploy' }],
])('the source %j is read at one commit, whatever ref it names', (source) => {
  const pinned = atCommit(source, COMMIT);
  expect(readLocation(pinned.location, pinned)).toMatchObject({ kind: 'git', ref: COMMIT, path: 'deploy' });
});
