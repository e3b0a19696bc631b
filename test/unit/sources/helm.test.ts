import { describe, expect, it } from 'vitest';
import { helmArguments, setFilePaths } from '../../../sources/helm/arguments.ts';
import { chartFailure } from '../../../sources/helm/chart-failure.ts';
import { splitTemplates } from '../../../sources/helm/templates.ts';

describe('the arguments of helm template', () => {
  it('are few where nothing is asked for', () => {
    expect(helmArguments('/chart', {})).toEqual([
      'template',
      'release-name',
      '/chart',
      '--namespace=default',
      '--include-crds',
    ]);
  });

  it('hold each option as one word, so that none is taken for a flag', () => {
    const options = {
      ...{ releaseName: 'shop', namespace: 'prod', repository: 'https://r', version: '1.2' },
      ...{ values: ['a.yaml', 'b,c.yaml'], set: ['a=--x'], setString: ['b=1'], setFile: ['c=d'] },
      ...{ kubeVersion: '1.31', apiVersions: ['a/v1'] },
    };
    expect(helmArguments('redis', options).slice(1)).toEqual([
      ...['shop', 'redis', '--namespace=prod', '--include-crds', '--repo=https://r', '--version=1.2'],
      ...['--kube-version=1.31', '--api-versions=a/v1', '--values=a.yaml', '--values="b,c.yaml"'],
      ...['--set=a=--x', '--set-string=b=1', '--set-file=c=d'],
    ]);
  });

  it.each([
    [['a=x.txt'], ['x.txt']],
    [['a=x.txt,b.c=dir/y.txt'], ['x.txt', 'dir/y.txt']],
    [['a=x\\,y.txt'], ['x,y.txt']],
    [['a=k=v.txt'], ['k=v.txt']],
    [['a'], []],
  ])('name files with --set-file %j', (values, paths) => {
    expect(setFilePaths(values)).toEqual(paths);
  });
});

describe('what helm template prints', () => {
  it('is taken apart by template, in the order of first appearance, with lines as --show-only has them', () => {
    const printed = [
      ...['---', '# Source: a/crds/c.yaml', 'kind: One', '---', 'kind: Two'],
      ...['---', '# Source: a/templates/x.yaml', 'text: |', '  ---', '  # Source: no'],
      ...['---', '# Source: a/templates/y.yaml', 'kind: Y'],
      ...['---', '# Source: a/templates/x.yaml', 'kind: X'],
    ].join('\n');

    expect(splitTemplates(printed)).toEqual([
      { file: 'a/crds/c.yaml (rendered)', text: '---\n# Source: a/crds/c.yaml\nkind: One\n---\nkind: Two\n' },
      {
        file: 'a/templates/x.yaml (rendered)',
        text: '---\n# Source: a/templates/x.yaml\ntext: |\n  ---\n  # Source: no\n---\n# Source: a/templates/x.yaml\nkind: X\n',
      },
      { file: 'a/templates/y.yaml (rendered)', text: '---\n# Source: a/templates/y.yaml\nkind: Y\n' },
    ]);
  });

  it('is no file where it is nothing', () => {
    expect(splitTemplates('\n')).toEqual([]);
  });
});

describe('the failure of a chart', () => {
  it.each([
    ['Error: parse error at (a/templates/x.yaml:3): unclosed action', 'a/templates/x.yaml:3', 'Correct the template'],
    [
      'Error: a/templates/x.yaml:12:20\n  executing "a/templates/x.yaml" at <.Values.x.y>:\n    nil pointer evaluating interface {}.y',
      'a/templates/x.yaml:12',
      '--values',
    ],
    [
      'Error: YAML parse error on a/templates/x.yaml: error converting YAML to JSON: yaml: line 7: did not find',
      'a/templates/x.yaml:7',
      'Correct the template',
    ],
    ['Error: found in Chart.yaml, but missing in charts/ directory: redis', undefined, 'helm dependency build'],
    ['Error: looks like "https://r" is not a valid chart repository', undefined, 'address'],
  ])('of %j', (words, location, remedy) => {
    const [failure] = chartFailure('./chart', words).failures;

    expect(failure.location).toBe(location);
    expect(failure.remedy).toContain(remedy);
    expect(failure.message).not.toContain('Error: ');
  });
});
