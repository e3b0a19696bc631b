import { describe, expect, it } from 'vitest';
import type { Path } from '../../../core/ignored/paths.ts';
import { jqPaths, pointerPath, withoutPaths } from '../../../core/ignored/paths.ts';
import type { Json } from '../../../core/json.ts';

describe('a JSON pointer', () => {
  it.each<[string, Path | undefined]>([
    ['/spec/replicas', ['spec', 'replicas']],
    ['/metadata/annotations/example.com~1owner', ['metadata', 'annotations', 'example.com/owner']],
    ['/data/a~0b', ['data', 'a~b']],
    ['/data/~01', ['data', '~1']],
    ['/webhooks/0/clientConfig', ['webhooks', '0', 'clientConfig']],
    ['/data/', ['data', '']],
    ['', undefined],
    ['spec/replicas', undefined],
    ['/data/~2', undefined],
    ['/data/~', undefined],
  ])('%j reads as %j', (pointer, path) => {
    expect(pointerPath(pointer)).toEqual(path);
  });
});

describe('the paths of jq', () => {
  it('are fields, indexes and bounds, without that of the whole object', () => {
    const bounds = { start: 1, end: null };
    expect(jqPaths([['spec', 'list', -1], [], ['spec', bounds]])).toEqual([
      ['spec', 'list', -1],
      ['spec', bounds],
    ]);
  });

  it('are none where the answer holds something else', () => {
    expect(jqPaths([[true], ['spec', { start: 'a' }], 'spec'])).toEqual([]);
    expect(jqPaths('spec')).toEqual([]);
  });
});

describe('an object without some paths', () => {
  const list = [{ n: 1, x: 1 }, { n: 2, x: 2 }, { n: 3 }];
  it.each<[string, Json, readonly Path[], Json]>([
    ['a field', { a: 1, b: 2 }, [['a']], { b: 2 }],
    ['a field below', { a: { b: 1, c: 2 } }, [['a', 'b']], { a: { c: 2 } }],
    ['a field and one below it', { a: { b: 1 }, c: 1 }, [['a', 'b'], ['a']], { c: 1 }],
    ['a field of an item', list, [[1, 'x']], [{ n: 1, x: 1 }, { n: 2 }, { n: 3 }]],
    ['an item by the text of its index', list, [['0']], list.slice(1)],
    ['two items, each by where it stands', list, [[0], [1]], list.slice(2)],
    ['an item from the end', list, [[-1]], list.slice(0, 2)],
    ['items by bounds', list, [[{ start: 1, end: null }]], list.slice(0, 1)],
    ['items by bounds from the end', list, [[{ start: null, end: -1 }]], list.slice(2)],
    ['nothing where the path leads nowhere', { a: [1] }, [['b'], ['a', 'x'], ['a', 7], ['a', 0, 'c']], { a: [1] }],
    ['nothing for a field of every object', { a: 1 }, [['constructor']], { a: 1 }],
    ['a field whose name is a number', { '0': 1, b: 2 }, [['0']], { b: 2 }],
  ])('lacks %s', (_what, value, paths, expected) => {
    const before = JSON.stringify(value);
    expect(withoutPaths(value, paths)).toEqual(expected);
    expect(JSON.stringify(value)).toBe(before);
  });
});
