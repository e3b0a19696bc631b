import { expect, it } from 'vitest';
import { globExpression } from '../../../sources/directory/glob.ts';

it.each([
  ['*.yaml', 'a.yaml', true],
  ['*.yaml', 'deep/er/a.yaml', true],
  ['jobs/*', 'jobs/a/b.yaml', true],
  ['jobs/*', 'other/jobs/a.yaml', false],
  ['**/test.yaml', 'a/test.yaml', true],
  ['?.yaml', 'ab.yaml', false],
  ['{config.json,env-usw2/*}', 'env-usw2/a.yaml', true],
  ['{config.json,env-usw2/*}', 'env-use1/a.yaml', false],
  ['[ab].yaml', 'b.yaml', true],
  ['[!ab].yaml', 'b.yaml', false],
  ['[a-c].yaml', 'b.yaml', true],
  ['a.yaml', 'axyaml', false],
  ['a+(b).yaml', 'a+(b).yaml', true],
  ['\\*.yaml', '*.yaml', true],
  ['\\*.yaml', 'a.yaml', false],
  ['a,b.yaml', 'a,b.yaml', true],
])('%s against %s: %s', (glob, path, matches) => {
  expect(globExpression(glob)?.test(path)).toBe(matches);
});

it.each(['[ab', '{a,b', 'a}'])('%s has a bracket that is not closed', (glob) => {
  expect(globExpression(glob)).toBeUndefined();
});
