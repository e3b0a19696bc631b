import { expect, it } from 'vitest';
import { isRemote, loadsOf } from '../../../sources/kustomize/loads.ts';

it('a kustomization loads what its fields name, also behind a merge, and no inline YAML', () => {
  const loads = loadsOf({
    resources: ['a.yaml', '../base'],
    '<<': { components: ['../c'] },
    generators: ['g.yaml', 'kind: Inline\nname: x\n'],
    patches: [{ path: 'p.yaml' }, { patch: '- op: add\n  path: /x\n' }],
    configMapGenerator: [{ name: 'x', files: ['k=f.txt'], envs: ['e.env'], literals: ['path=no'] }],
    openapi: { path: 'o.json' },
    namespace: 'shop',
  });

  expect(loads.roots).toEqual(['a.yaml', '../base', '../c']);
  expect(loads.configurations).toEqual(['g.yaml']);
  expect(new Set(loads.all)).toEqual(
    new Set(['a.yaml', '../base', '../c', 'g.yaml', 'p.yaml', 'k=f.txt', 'e.env', 'o.json']),
  );
});

it.each([
  ['a.yaml', false],
  ['../base', false],
  ['/abs/base', false],
  ['k=dir/f.txt', false],
  ['https.yaml', false],
  ['https://h/a.yaml', true],
  ['HTTP://h/a.yaml', true],
  ['k=https://h/a.yaml', true],
  ['github.com/org/repo', true],
  ['git@h:org/repo', true],
  ['org-1@github.com/org/repo', true],
  ['ssh://h/r', true],
  ['file:///r', true],
  ['git::https://h/r', true],
])('%s is remote: %s', (text, remote) => {
  expect(isRemote(text)).toBe(remote);
});
